import { DynamoDBClient, ListTablesCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { clientSettings } from "../client-settings.ts";

/** An item as DynamoDB returns it, its attributes turned into values. */
export type Item = Readonly<Record<string, unknown>>;

/** A message in a dead-letter queue. */
export interface Letter {
  readonly body: string;
  /** Name of the error; absent where SQS or SNS moved the message itself. */
  readonly reason: string | undefined;
}

/** Everything that the system holds, as the AWS APIs tell it. */
export interface World {
  /** The items of each service's table. */
  readonly tables: ReadonlyMap<string, readonly Item[]>;
  /** The types of events that each service subscribes to. */
  readonly subscriptions: ReadonlyMap<string, ReadonlySet<string>>;
  /** What lies in the dead-letter queues of each service. */
  readonly deadLetters: ReadonlyMap<string, readonly Letter[]>;
  /** Queues that services drain, which hold something. */
  readonly busyQueues: readonly string[];
}

const filterPolicy = v.object({ type: v.array(v.string()) });

export const PREFIX = "fanfare-dev-";

/** Reads a stage that has come to rest, through the AWS APIs alone. */
export async function readWorld(endpoint: string): Promise<World> {
  const settings = { ...clientSettings(endpoint), maxAttempts: 3 };
  const [tables, subscriptions, queues] = await Promise.all([
    readTables(new DynamoDBClient(settings)),
    readSubscriptions(new SNSClient(settings)),
    readQueues(new SQSClient(settings)),
  ]);
  return { tables, subscriptions, ...queues };
}

async function readTables(dynamodb: DynamoDBClient): Promise<Map<string, Item[]>> {
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const tables = new Map<string, Item[]>();
  for (const TableName of TableNames) {
    const items: Item[] = [];
    for await (const page of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true }))
      items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    tables.set(serviceOf(TableName), items);
  }
  return tables;
}

async function readSubscriptions(sns: SNSClient): Promise<Map<string, Set<string>>> {
  const types = new Map<string, Set<string>>();
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  for (const { TopicArn } of Topics) {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    for (const { SubscriptionArn, Endpoint = "" } of Subscriptions) {
      const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
      const policy = v.parse(filterPolicy, JSON.parse(Attributes["FilterPolicy"] ?? "{}"));
      const service = serviceOf(Endpoint);
      types.set(service, new Set([...(types.get(service) ?? []), ...policy.type]));
    }
  }
  return types;
}

async function readQueues(sqs: SQSClient): Promise<Pick<World, "deadLetters" | "busyQueues">> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: PREFIX }));
  const deadLetters = new Map<string, Letter[]>();
  const busyQueues: string[] = [];
  for (const QueueUrl of QueueUrls) {
    const queue = queueName(QueueUrl);
    if (isForLetters(queue)) {
      const service = serviceOfLetters(queue);
      deadLetters.set(service, [...(deadLetters.get(service) ?? []), ...(await lettersIn(sqs, QueueUrl))]);
      continue;
    }
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    const held = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
    if (Object.entries(Attributes).some(([name, count]) => held.includes(name) && count !== "0")) busyQueues.push(queue);
  }
  return { deadLetters, busyQueues };
}

export function queueName(url: string): string {
  return new URL(url).pathname.split("/").at(-1) ?? "";
}

/** Whether a queue holds what could not be handled, or not be delivered. */
export function isForLetters(queue: string): boolean {
  return /-(dlq|undelivered)$/.test(queue);
}

/** The service of a dead-letter queue, or of one for what could not be delivered to it. */
export function serviceOfLetters(queue: string): string {
  return serviceOf(queue).replace(/-.*/, "");
}

/** Everything in a queue; it stays there, invisible for a while. */
async function lettersIn(sqs: SQSClient, QueueUrl: string): Promise<Letter[]> {
  const letters: Letter[] = [];
  const receive = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600, MessageAttributeNames: ["All"] };
  for (;;) {
    const { Messages = [] }: { Messages?: Message[] | undefined } = await sqs.send(new ReceiveMessageCommand(receive));
    if (Messages.length === 0) return letters;
    for (const { Body = "", MessageAttributes } of Messages)
      letters.push({ body: Body, reason: MessageAttributes?.["errorName"]?.StringValue });
  }
}

/** The service of a table's or queue's name or ARN. */
function serviceOf(name: string): string {
  return name.slice(name.lastIndexOf(PREFIX) + PREFIX.length);
}
