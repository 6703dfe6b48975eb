import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { DeleteMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { type EntityId, keyOf } from "#lib/contracts/entity.ts";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import { createEnvelope, defineEntity, defineEvent, defineService, defineTopic, type Envelope } from "#lib/contracts/index.ts";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import type { Clients } from "#lib/runtime/lambda/clients.ts";
import type { ServiceConfig } from "#lib/runtime/lambda/config.ts";
import { consumer, type ConsumerHandler, type Handler } from "#lib/runtime/consumer.ts";
import type { Log } from "#lib/runtime/lambda/logger.ts";
import { ATTEMPTS_ATTRIBUTE } from "#lib/runtime/attempts/attempts.ts";
import { template } from "./workshop-template.ts";

const news = defineTopic({ name: "news", description: "What the workshop hears and tells." });
const tool = v.object({ name: v.string(), pieces: v.number(), note: v.optional(v.string()) });

/** An event that the workshop handles. */
export const toolWanted = defineEvent({
  type: "tool.wanted.v1",
  topic: news,
  description: "Somebody needs a tool.",
  schema: tool,
  subject: ({ name }) => name,
  example: { name: "hammer", pieces: 1 },
});

/** An event that the workshop publishes. */
export const toolMade = defineEvent({ ...toolWanted, schema: tool, type: "tool.made.v1", description: "A tool is there." });

/** What the workshop has on its shelf. */
export const shelf = defineEntity({ name: "shelf", schema: tool, id: ({ name }) => name });

/** A note on paper: of any attributes, the reserved ones too. */
export const paper = defineEntity({ name: "paper", schema: v.looseObject({ name: v.string() }), id: ({ name }) => name });

/** A service to try the runtime on. */
export const service = defineService("workshop", "Makes tools.", {
  consumes: [toolWanted],
  publishes: [toolMade],
  owns: [shelf, paper],
});

/** The workshop's handler of its one event. */
export type WorkshopHandler = Handler<typeof toolWanted, typeof service>;

/** A line of the log. */
export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What an invocation did. */
export interface Delivery {
  /** Ids of the events that are to come back. */
  readonly failed: readonly string[];
  readonly log: readonly LogLine[];
}

/** How events are delivered. */
export interface DeliveryOptions {
  readonly clients?: Clients;
  /**
   * Which attempt at the events this is; of all, or of each by its id. All before failed, by the handler and because something
   * was unavailable. @default 1
   */
  readonly attempt?: number | Readonly<Record<string, number>>;
  /** How often SQS has delivered the messages, this time included. Of a FIFO queue, each attempt is a receive. @default 1 */
  readonly receives?: number | Readonly<Record<string, number>>;
  /** As records of a FIFO queue, each in the group of its event's subject. @default false */
  readonly fifo?: boolean;
  /** What the invocation has left. @default 10,000 */
  readonly milliseconds?: number;
  /** Where events are remembered. @default - in records */
  readonly inbox?: InboxHome;
}

/** A body to deliver; with a group it comes from a FIFO queue. */
export interface Body {
  readonly messageId: string;
  readonly body: string;
  readonly groupId?: string;
  /** The message attribute that the subscription filters by. @default - none: SNS did not deliver it */
  readonly type?: string;
}

/** How the handles of messages begin that were never in a queue. */
const RECEIPT = "receipt of ";

/** Longer than any test, in milliseconds. */
const A_DAY = 24 * 3_600_000;

/** Real engines with one table, queues and one topic, and a consumer whose handler the test gives. */
export class Workshop implements AsyncDisposable {
  readonly clients: Clients & { dynamodb: DynamoDBClient };
  readonly config: ServiceConfig;
  readonly #cloud: Cloud;

  private constructor(cloud: Cloud) {
    this.#cloud = cloud;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = { endpoint: cloud.endpoint, region: "us-east-1", credentials };
    const sqs = met(new SQSClient(client), deletionOfHandedOver);
    this.clients = { dynamodb: new DynamoDBClient(client), sns: new SNSClient(client), sqs };
    const queueUrl = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
    this.config = {
      service: service.name,
      version: "test",
      table: "workshop",
      queueUrl: queueUrl("workshop"),
      deadLetterQueueUrl: queueUrl("workshop-dlq"),
      maxReceiveCount: 10,
      inboxDays: 32,
      topicArns: new Map([["news", "arn:aws:sns:us-east-1:000000000000:news"]]),
    };
  }

  static async open(): Promise<Workshop> {
    const assembly = mkdtempSync(join(tmpdir(), "fanfare-workshop-"));
    writeFileSync(join(assembly, "workshop.template.json"), JSON.stringify(template));
    const artifacts = {
      workshop: { type: "aws:cloudformation:stack", properties: { templateFile: "workshop.template.json" } },
    };
    writeFileSync(join(assembly, "manifest.json"), JSON.stringify({ version: "55.0.0", artifacts }));
    try {
      return new Workshop(await startCloud({ assembly, port: 0 }));
    } finally {
      rmSync(assembly, { recursive: true });
    }
  }

  /** Hands events to the consumer in one batch, each as a record whose message id is the event's id. */
  deliver(events: readonly Envelope[], handler: WorkshopHandler, options: DeliveryOptions = {}): Promise<Delivery> {
    const bodies = events.map((event) => ({
      messageId: event.id,
      body: JSON.stringify(event),
      ...(options.fifo && { groupId: event.subject }),
    }));
    return this.deliverBodies(bodies, handler, options);
  }

  /** Hands bodies to the consumer in one batch. */
  async deliverBodies(
    bodies: readonly Body[],
    handler: WorkshopHandler,
    { clients = this.clients, fifo = false, inbox, ...how }: DeliveryOptions = {},
  ): Promise<Delivery> {
    const { log, lines } = memoryLog();
    const { queueUrl, deadLetterQueueUrl } = this.config;
    const fifoQueues = { queueUrl: `${queueUrl}.fifo`, deadLetterQueueUrl: `${deadLetterQueueUrl}.fifo` };
    const config = { ...this.config, ...(fifo && fifoQueues) };
    const { sqs, sentAgain } = watchSentAgain(clients.sqs, config.queueUrl);
    const handle = consumer(inbox ? { ...service, inbox } : service, handler, { config, clients: { ...clients, sqs }, log });
    const reported = await invoke(handle, bodies, how);
    const failed = bodies.map(({ messageId }) => messageId).filter((id) => reported.includes(id) || sentAgain.has(id));
    return { failed, log: lines };
  }

  /** Hands events to a process that ends once it has begun to handle so many of them. @returns when it has ended */
  async crash(events: readonly Envelope[], { begun = events.length, ...options }: DeliveryOptions & { begun?: number } = {}) {
    const ended = Promise.withResolvers<void>();
    const never = new Promise<never>(() => {});
    let running = 0;
    const mortal = <Client extends object>(client: Client) => met(client, () => (running < begun ? undefined : never));
    const { dynamodb, sns, sqs } = this.clients;
    const clients = { dynamodb: mortal(dynamodb), sns: mortal(sns), sqs: mortal(sqs) };
    const handler: WorkshopHandler = () => {
      if (++running === begun) ended.resolve();
      return never;
    };
    void this.deliver(events, handler, { ...options, clients, milliseconds: A_DAY });
    await ended.promise;
  }

  /** An item as it lies in the table, the runtime's own attributes included. */
  async stored(entity: { name: string }, id: EntityId): Promise<Record<string, unknown> | undefined> {
    const Key = marshall(keyOf(entity, id));
    const { Item } = await this.clients.dynamodb.send(new GetItemCommand({ TableName: "workshop", Key, ConsistentRead: true }));
    return Item && unmarshall(Item);
  }

  /** The events published so far, oldest first, as a subscriber receives them. */
  published(): Envelope[] {
    return this.#cloud.queues.look("told").messages.map(({ body }) => parseEnvelope(body));
  }

  /** The published events that an event led to. */
  publishedAfter({ id }: Envelope): Envelope[] {
    return this.published().filter(({ causationid }) => causationid === id);
  }

  /** What lies in the dead-letter queues for an event. */
  deadLetters({ id }: Pick<Envelope, "id">) {
    return ["workshop-dlq", "workshop-dlq.fifo"]
      .flatMap((name) => this.#cloud.queues.look(name).messages)
      .filter(({ messageAttributes }) => messageAttributes["originalMessageId"]?.StringValue === id)
      .map(({ body, messageAttributes }) => ({
        body,
        reason: Object.fromEntries(Object.entries(messageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
      }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cloud.stop();
  }
}

/** An event that asks for pieces of a tool. */
export function wanted(name: string, pieces = 1): Envelope {
  return createEnvelope(toolWanted, { name, pieces }, { source: "test" });
}

/**
 * A client whose calls pass `meet` first: it may throw, or answer in the service's place; when it answers undefined, the
 * call goes on.
 */
export function met<Client extends object>(client: Client, meet: (command: object) => unknown): Client {
  const send: unknown = Reflect.get(client, "send");
  if (typeof send !== "function") throw new TypeError("expected a client of the AWS SDK");
  return new Proxy(client, {
    get: (target, property) =>
      property === "send"
        ? async (command: object): Promise<unknown> => {
            const answer: unknown = await meet(command);
            return answer ?? (Reflect.apply(send, target, [command]) as unknown);
          }
        : (Reflect.get(target, property) as unknown),
  });
}

/** What SQS answers to the deletion of messages that a test hands over: they never lay in the queue. */
function deletionOfHandedOver(command: object): object | undefined {
  if (!(command instanceof DeleteMessageBatchCommand)) return undefined;
  const { Entries = [] } = command.input;
  return Entries.every(({ ReceiptHandle }) => ReceiptHandle?.startsWith(RECEIPT)) ? { Successful: Entries } : undefined;
}

/** A client of SQS, and the ids of the messages that were sent to the queue again with it. */
export function watchSentAgain(sqs: Clients["sqs"], queueUrl: string): { sqs: Clients["sqs"]; sentAgain: ReadonlySet<string> } {
  const sentAgain = new Set<string>();
  const remembering = met(sqs, async (command) => {
    if (!(command instanceof SendMessageCommand) || command.input.QueueUrl !== queueUrl) return undefined;
    const answer: unknown = await sqs.send(command);
    const carried: unknown = JSON.parse(command.input.MessageAttributes?.[ATTEMPTS_ATTRIBUTE]?.StringValue ?? "{}");
    sentAgain.add(v.parse(v.object({ messageId: v.string() }), carried).messageId);
    return answer;
  });
  return { sqs: remembering, sentAgain };
}

/** Whether a call reads an item, and not where the table's inbox lies, which a function asks once. */
export function readsItem(command: object): boolean {
  return command instanceof GetItemCommand && command.input.Key?.["sk"]?.S !== "inbox places";
}

/** A log that keeps its lines. */
export function memoryLog(): { log: Log; lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, details: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, details });
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

/** Invokes a consumer with one batch of bodies, and returns the message ids of those that it reports as failed. */
export async function invoke(
  handle: ConsumerHandler,
  bodies: readonly Body[],
  { attempt = 1, receives = 1, milliseconds = 10_000 }: Pick<DeliveryOptions, "attempt" | "receives" | "milliseconds"> = {},
): Promise<string[]> {
  const of = (count: number | Readonly<Record<string, number>>, { messageId }: Body) =>
    typeof count === "number" ? count : (count[messageId] ?? 1);
  const Records = bodies.map((body) => recordOf(body, of(attempt, body), of(receives, body)));
  const { batchItemFailures } = await handle({ Records }, lambdaContext(milliseconds));
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** When every message was first received. */
const FIRST_RECEIVED = 1_732_000_000_000;

function recordOf({ messageId, body, groupId, type }: Body, attempt: number, receives: number): SQSRecord {
  const fifo = groupId !== undefined;
  const failed = attempt - 1;
  const carried = {
    messageId,
    firstReceivedAt: FIRST_RECEIVED,
    earlier: failed,
    failures: failed,
    waits: failed,
    unexplained: 0,
  };
  return {
    messageId,
    receiptHandle: `${RECEIPT}${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(fifo ? Math.max(attempt, receives) : receives),
      SentTimestamp: String(FIRST_RECEIVED),
      SenderId: "000000000000",
      ApproximateFirstReceiveTimestamp: String(FIRST_RECEIVED),
      ...(fifo && { MessageGroupId: groupId }),
    },
    messageAttributes: {
      ...(type !== undefined && { type: { dataType: "String", stringValue: type } }),
      ...(!fifo && failed > 0 && { [ATTEMPTS_ATTRIBUTE]: { dataType: "String", stringValue: JSON.stringify(carried) } }),
    },
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:workshop${fifo ? ".fifo" : ""}`,
    awsRegion: "us-east-1",
  };
}

function lambdaContext(milliseconds: number) {
  const end = Date.now() + milliseconds;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "workshop",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:workshop",
    memoryLimitInMB: "512",
    awsRequestId: "test",
    logGroupName: "test",
    logStreamName: "test",
    getRemainingTimeInMillis: () => end - Date.now(),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
