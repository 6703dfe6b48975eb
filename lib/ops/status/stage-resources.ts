import { DescribeTableCommand, type DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { type LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, ListQueuesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { allPages } from "../all-pages.ts";
import { mapLimited } from "../../runtime/concurrency.ts";

/** Concurrent calls per AWS service: quick for a stage's few dozen resources, and clear of the account's request quotas. */
const CALLS_AT_ONCE = 8;

/** Most queue URLs per ListQueues call; without MaxResults, AWS returns no NextToken. AWSSimpleQueueService, ListQueues */
const QUEUES_PER_PAGE = 1_000;

export interface TopicFound {
  readonly name: string;
  readonly subscriptions: readonly { readonly queue: string; readonly deadLetterQueue?: string }[];
}

export interface QueueFound {
  readonly name: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly deadLetterQueue?: string;
}

export interface TableStatus {
  readonly name: string;
  /** From DescribeTable: AWS updates it about every six hours. amazondynamodb, DescribeTable */
  readonly items: number;
}

/** The topics whose names start with a prefix, with their confirmed subscriptions, sorted by name. */
export async function listTopics(sns: Pick<SNSClient, "send">, prefix: string): Promise<TopicFound[]> {
  const topics = await allPages(async (NextToken) => {
    const page = await sns.send(new ListTopicsCommand({ NextToken }));
    return { items: page.Topics ?? [], next: page.NextToken };
  });
  const arns = topics.flatMap(({ TopicArn: arn }) => (arn && lastPart(arn).startsWith(prefix) ? [arn] : []));
  const found = await mapLimited(arns, CALLS_AT_ONCE, async (arn) => ({
    name: lastPart(arn),
    subscriptions: await listSubscriptions(sns, arn),
  }));
  return found.sort(byName);
}

async function listSubscriptions(sns: Pick<SNSClient, "send">, TopicArn: string): Promise<TopicFound["subscriptions"]> {
  const subscriptions = await allPages(async (NextToken) => {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
    return { items: page.Subscriptions ?? [], next: page.NextToken };
  });
  // A pending one has no ARN yet, and receives nothing.
  const confirmed = subscriptions.filter(({ SubscriptionArn: arn }) => arn?.startsWith("arn:"));
  return mapLimited(confirmed, CALLS_AT_ONCE, async ({ SubscriptionArn, Endpoint = "" }) => {
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    return { queue: lastPart(Endpoint), ...deadLetterQueue(Attributes?.["RedrivePolicy"]) };
  });
}

/** The queues whose names start with a prefix, including dead-letter queues, sorted by name. */
export async function listQueues(sqs: Pick<SQSClient, "send">, prefix: string): Promise<QueueFound[]> {
  const urls = await allPages(async (NextToken) => {
    const QueueNamePrefix = prefix || undefined;
    const page = await sqs.send(new ListQueuesCommand({ QueueNamePrefix, MaxResults: QUEUES_PER_PAGE, NextToken }));
    return { items: page.QueueUrls ?? [], next: page.NextToken };
  });
  const found = await mapLimited(urls, CALLS_AT_ONCE, async (QueueUrl) => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: [
          "ApproximateNumberOfMessages",
          "ApproximateNumberOfMessagesNotVisible",
          "ApproximateNumberOfMessagesDelayed",
          "RedrivePolicy",
        ],
      }),
    );
    return {
      name: QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1),
      waiting: Number(Attributes["ApproximateNumberOfMessages"] ?? 0),
      inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"] ?? 0),
      delayed: Number(Attributes["ApproximateNumberOfMessagesDelayed"] ?? 0),
      ...deadLetterQueue(Attributes["RedrivePolicy"]),
    };
  });
  return found.sort(byName);
}

/** The functions whose names start with a prefix, sorted by name. */
export async function listFunctions(lambda: Pick<LambdaClient, "send">, prefix: string): Promise<string[]> {
  const functions = await allPages(async (Marker) => {
    const page = await lambda.send(new ListFunctionsCommand({ Marker }));
    return { items: page.Functions ?? [], next: page.NextMarker };
  });
  return functions.flatMap(({ FunctionName: name }) => (name?.startsWith(prefix) ? [name] : [])).sort();
}

/** The tables whose names start with a prefix, sorted by name. */
export async function listTables(dynamodb: Pick<DynamoDBClient, "send">, prefix: string): Promise<TableStatus[]> {
  const names = await allPages(async (ExclusiveStartTableName) => {
    const page = await dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName }));
    return { items: page.TableNames ?? [], next: page.LastEvaluatedTableName };
  });
  const ours = names.filter((name) => name.startsWith(prefix)).sort();
  return mapLimited(ours, CALLS_AT_ONCE, async (name) => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    return { name, items: Table?.ItemCount ?? 0 };
  });
}

function deadLetterQueue(redrivePolicy: string | undefined): { deadLetterQueue?: string } {
  if (!redrivePolicy) return {};
  const policy: unknown = JSON.parse(redrivePolicy);
  const arn = typeof policy === "object" && policy !== null && "deadLetterTargetArn" in policy && policy.deadLetterTargetArn;
  return typeof arn === "string" ? { deadLetterQueue: lastPart(arn) } : {};
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
