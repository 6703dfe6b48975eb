import { DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient, type PublishCommandInput } from "@aws-sdk/client-sns";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { clientSettings, type Target } from "../target/target.ts";
import { waitFor } from "../target/wait-for.ts";
import { patience } from "./patience.ts";
import { named, RECORDS, TOPIC_ARNS } from "../../conformance/app/names.ts";

/** What the scripted function has seen of one message: functions/scripted/record.js. */
const recordSchema = v.object({
  key: v.string(),
  function: v.string(),
  /** Request id of the invocation. */
  invocation: v.string(),
  batchSize: v.number(),
  receiveCount: v.number(),
  group: v.optional(v.string()),
  generation: v.string(),
  /** Epoch milliseconds; one that is not there has not ended, or never will. */
  startedAt: v.number(),
  endedAt: v.optional(v.number()),
  /** The record of the event, or the whole event, as the function was given it. */
  source: v.pipe(
    v.string(),
    v.transform((text): unknown => JSON.parse(text)),
  ),
});

export type SeenMessage = v.InferOutput<typeof recordSchema>;

/** What a message tells the scripted function to do: functions/scripted/act.js. */
export interface Script {
  readonly times?: number;
  readonly fail?: true;
  readonly answer?: unknown;
  readonly sleepMilliseconds?: number;
  readonly hideSeconds?: number;
  readonly end?: "throw" | "exit" | "hang" | "memory" | "reject";
}

/** Seconds for which a receive waits: long enough for what is on its way, and once more for "nothing comes". */
const WAIT_SECONDS: Readonly<Record<Target["name"], number>> = { embedded: 1, localstack: 2, aws: 10 };

/** The clients of a target, which all tests share: to make them for each would take longer than some tests. */
function clientsOf(target: Target) {
  const key = target.endpoint ?? "";
  const clients = known.get(key) ?? newClients(target);
  known.set(key, clients);
  return clients;
}

const known = new Map<string, ReturnType<typeof newClients>>();

function newClients(target: Target) {
  const settings = clientSettings(target);
  return {
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
    dynamodb: new DynamoDBClient(settings),
    lambda: new LambdaClient(settings),
    ssm: new SSMClient(settings),
  };
}

/** The conformance app as one test sees it: all that the test makes is marked with a run of its own. */
export class ConformanceClient {
  /** Marks what this test makes. */
  readonly run: string;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly #ssm: SSMClient;
  readonly #waitSeconds: number;
  #topicArns: Promise<string> | undefined;

  constructor(target: Target, run: string = crypto.randomUUID()) {
    this.run = run;
    const { sns, sqs, dynamodb, lambda, ssm } = clientsOf(target);
    this.sns = sns;
    this.sqs = sqs;
    this.dynamodb = dynamodb;
    this.lambda = lambda;
    this.#ssm = ssm;
    this.#waitSeconds = WAIT_SECONDS[target.name];
  }

  /** A message for the scripted function, as text. `key` tells it from the others of the test. */
  message(key: string, script?: Script): string {
    return JSON.stringify({ run: this.run, key, ...(script && { script }) });
  }

  /** The URL of a queue of the app. */
  async queueUrl(name: string): Promise<string> {
    const { QueueUrl = "" } = await this.sqs.send(new GetQueueUrlCommand({ QueueName: named(name) }));
    return QueueUrl;
  }

  /** Seconds for which a queue hides what has been received. */
  async visibilityTimeout(queue: string): Promise<number> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: await this.queueUrl(queue),
      AttributeNames: ["VisibilityTimeout"],
    });
    return Number((await this.sqs.send(command)).Attributes?.["VisibilityTimeout"]);
  }

  async topicArn(name: string): Promise<string> {
    this.#topicArns ??= this.#ssm
      .send(new GetParameterCommand({ Name: TOPIC_ARNS }))
      .then(({ Parameter }) => Parameter?.Value ?? "");
    return (await this.#topicArns) + named(name);
  }

  /** Has a function started, as often as it may run at once: cold starts are not what tests of a mapping look at. */
  async warm(name: string, environments: number): Promise<void> {
    const command = new InvokeCommand({ FunctionName: named(name), Payload: JSON.stringify({ run: "warm", key: name }) });
    await Promise.all(Array.from({ length: environments }, () => this.lambda.send(command)));
  }

  /** @returns SQS's id of the message */
  async send(queue: string, body: string, options: Partial<SendMessageCommandInput> = {}): Promise<string> {
    const QueueUrl = await this.queueUrl(queue);
    const { MessageId = "" } = await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...options }));
    return MessageId;
  }

  async publish(topic: string, body: string, options: Partial<PublishCommandInput> = {}): Promise<void> {
    await this.sns.send(new PublishCommand({ TopicArn: await this.topicArn(topic), Message: body, ...options }));
  }

  /** One receive; waits a little for a first message. */
  async receive(queue: string, options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: await this.queueUrl(queue),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: this.#waitSeconds,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
        ...options,
      }),
    );
    return Messages;
  }

  async remove(queue: string, ...messages: readonly Message[]): Promise<void> {
    const QueueUrl = await this.queueUrl(queue);
    await Promise.all(
      messages.map(({ ReceiptHandle }) => this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))),
    );
  }

  /** Takes all that a queue holds for this run, until twice nothing comes; what other runs have left goes too. */
  async drain(queue: string): Promise<Message[]> {
    const mine: Message[] = [];
    for (let empty = 0; empty < 2;) {
      const messages = await this.receive(queue);
      empty = messages.length === 0 ? empty + 1 : 0;
      mine.push(...messages.filter((message) => this.isMine(message)));
      await this.remove(queue, ...messages);
    }
    return mine;
  }

  /** Takes this run's messages from a queue until there are so many. */
  async take(queue: string, count: number): Promise<Message[]> {
    const mine: Message[] = [];
    return waitFor(
      `${count} messages in ${queue}`,
      async () => {
        const messages = await this.receive(queue);
        mine.push(...messages.filter((message) => this.isMine(message)));
        await this.remove(queue, ...messages);
        return mine;
      },
      (taken) => taken.length >= count,
      patience(),
    );
  }

  /** Whether a message is of this run. */
  isMine({ Body = "" }: Message): boolean {
    return Body.includes(this.run);
  }

  /** What functions have seen of this run, oldest first. */
  async seen(): Promise<SeenMessage[]> {
    const pages = paginateQuery(
      { client: this.dynamodb },
      {
        TableName: RECORDS,
        ConsistentRead: true,
        KeyConditionExpression: "run = :run",
        ExpressionAttributeValues: { ":run": { S: this.run } },
      },
    );
    const seen: SeenMessage[] = [];
    for await (const { Items = [] } of pages) seen.push(...Items.map((item) => v.parse(recordSchema, unmarshall(item))));
    return seen;
  }

  /** Waits until functions have seen what is wanted of this run. */
  whenSeen(what: string, isIt: (seen: readonly SeenMessage[]) => boolean): Promise<SeenMessage[]> {
    return waitFor(what, () => this.seen(), isIt, patience());
  }
}
