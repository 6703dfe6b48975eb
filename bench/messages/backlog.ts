import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CreateTopicCommand, PublishBatchCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { startFixtureIn } from "../fixture/cloud.ts";
import type { Measurement } from "../measurement.ts";
import { processTree, residentBytes } from "../processes.ts";

const QUEUES = 5;
const MESSAGES = 100_000;
const BODY_BYTES = 500;
const REACH_MEGABYTES = 250;

/** Messages of one publish call, and calls under way at once. */
const PUBLISH = { batch: 10, atOnce: 8 };

/** Garbage collections before the memory is read: V8 gives pages back over several. */
const COLLECTIONS = { count: 4, pauseMilliseconds: 250 };

/** How much memory messages take that nobody receives, from a topic with several queues. */
export const backlog: Measurement = {
  name: "backlog",
  async run(say) {
    await using cloud = await startFixtureIn(forkCloud);
    const { child, endpoint } = cloud.running;
    const clients = clientsOf(endpoint);
    const { topic, queues } = await createTopicAndQueues(clients);
    const idle = await collectedBytes(child);
    say(`${MESSAGES} messages`);
    const started = performance.now();
    await publish(clients.sns, topic, MESSAGES / QUEUES);
    const seconds = (performance.now() - started) / 1_000;
    await requireMessages(clients.sqs, queues, MESSAGES / QUEUES);
    const uncollected = residentBytes(processTree(child.pid!));
    const full = await collectedBytes(child);
    const above = megabytes(full - idle);
    return [
      {
        what: `memory with a backlog of ${MESSAGES.toLocaleString("en-US")} messages`,
        measured: `${above.toFixed(0)} MB above idle`,
        reach: `≤ ${REACH_MEGABYTES} MB above idle`,
        reached: above <= REACH_MEGABYTES,
        comparison:
          `${BODY_BYTES} bytes each, in ${QUEUES} queues of one topic, published by PublishBatch in ${seconds.toFixed(0)} s. Resident memory of ` +
          `the cloud and its engine after garbage collection: ${megabytes(idle).toFixed(0)} MB idle, ${megabytes(full).toFixed(0)} MB with the backlog; ` +
          `before the collection ${megabytes(uncollected).toFixed(0)} MB`,
      },
    ];
  },
};

interface RunningCloud extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly endpoint: string;
}

/** @throws Error with the exit code, where the cloud does not start */
async function forkCloud(assembly: string): Promise<RunningCloud> {
  const child = fork(join(import.meta.dirname, "backlog-process.ts"), [assembly], { execArgv: ["--expose-gc"] });
  const ended = once(child, "exit");
  const message = await Promise.race([
    new Promise<unknown>((resolve) => child.once("message", resolve)),
    ended.then((): unknown => undefined),
  ]);
  const endpoint = v.safeParse(v.pipe(v.string(), v.url()), message);
  if (!endpoint.success) throw new Error(`the laptop cloud did not start: exit code ${child.exitCode}`);
  return {
    child,
    endpoint: endpoint.output,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

function clientsOf(endpoint: string): Clients {
  const options = { endpoint, region: "us-east-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } };
  return { sns: new SNSClient(options), sqs: new SQSClient(options) };
}

async function createTopicAndQueues({ sns, sqs }: Clients): Promise<{ topic: string; queues: string[] }> {
  const { TopicArn: topic = "" } = await sns.send(new CreateTopicCommand({ Name: "backlog" }));
  const queues: string[] = [];
  for (let index = 0; index < QUEUES; index++) {
    const name = `backlog-${index}`;
    const arn = topic.replace(":sns:", ":sqs:").replace(/[^:]+$/, name);
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const Attributes = { RawMessageDelivery: "true" };
    await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: "sqs", Endpoint: arn, Attributes }));
    queues.push(QueueUrl);
  }
  return { topic, queues };
}

async function publish(sns: SNSClient, topic: string, count: number): Promise<void> {
  let published = 0;
  const lane = async () => {
    while (published < count) {
      const first = published;
      published += PUBLISH.batch;
      const entries = Array.from({ length: PUBLISH.batch }, (_, index) => ({
        Id: String(index),
        Message: bodyOf(first + index),
      }));
      const { Failed = [] } = await sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: entries }));
      if (Failed.length > 0) throw new Error(`a message was not published: ${Failed[0]?.Message}`);
    }
  };
  await Promise.all(Array.from({ length: PUBLISH.atOnce }, lane));
}

/** No two alike, as of real events. */
function bodyOf(index: number): string {
  return `${index} ${crypto.randomUUID()} `.padEnd(BODY_BYTES, "event ");
}

/** @throws Error when a queue does not hold its share: then the figure is worth nothing. */
async function requireMessages(sqs: SQSClient, queues: readonly string[], count: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (const QueueUrl of queues) {
    for (;;) {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      const held = Number(Attributes?.ApproximateNumberOfMessages);
      if (held === count) break;
      if (performance.now() > deadline) throw new Error(`${QueueUrl} holds ${held} messages: expected ${count}`);
      await delay(100);
    }
  }
}

async function collectedBytes(child: ChildProcess): Promise<number> {
  for (let collection = 0; collection < COLLECTIONS.count; collection++) {
    const collected = once(child, "message");
    child.send("collect");
    await collected;
    await delay(COLLECTIONS.pauseMilliseconds);
  }
  return residentBytes(processTree(child.pid!));
}

function megabytes(bytes: number): number {
  return bytes / 1e6;
}
