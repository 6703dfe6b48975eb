import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AwsClock } from "../aws-clock.ts";
import { cloudWatchCounts, type FunctionCounts, laptopCounts } from "./function-counts.ts";
import { listFunctions, listQueues, listTables, listTopics, type QueueFound, type TableStatus } from "./stage-resources.ts";
import type { Target } from "../target.ts";

/** A stage's resources, with their counts at one moment. */
export interface StageStatus {
  readonly stage: string;
  /** Where the stage runs, for display. */
  readonly place: string;
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly topics: readonly { readonly name: string; readonly subscriptions: number }[];
  readonly queues: readonly QueueStatus[];
  readonly functions: readonly ({ readonly name: string } & Partial<FunctionCounts>)[];
  /** What the functions' counts cover. */
  readonly functionsCounted: "since the start" | "in the last hour";
  readonly tables: readonly TableStatus[];
}

/** A queue that a service consumes. Counts are approximate, as SQS reports them. */
export interface QueueStatus {
  readonly name: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Its own dead-letter queue, and those of the subscriptions that deliver to it. */
  readonly deadLetterQueues: readonly DeadLetterQueueStatus[];
}

export interface DeadLetterQueueStatus {
  readonly name: string;
  /** `handling`: what the service could not handle. `delivery`: what SNS could not deliver to the queue. */
  readonly of: "handling" | "delivery";
  readonly deadLetters: number;
}

/** The AWS clients that a stage's status is read through. */
export interface StatusClients {
  readonly sns: Pick<SNSClient, "send">;
  readonly sqs: Pick<SQSClient, "send">;
  readonly dynamodb: Pick<DynamoDBClient, "send">;
  readonly lambda: Pick<LambdaClient, "send">;
  /** Not called for the laptop cloud. */
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  /** The time by AWS's clock, in milliseconds since 1970; see `AwsClock`. */
  readonly now: () => number;
}

export function createStatusClients({ clients }: Target): StatusClients {
  const lambda = new LambdaClient(clients);
  return {
    sns: new SNSClient(clients),
    sqs: new SQSClient(clients),
    dynamodb: new DynamoDBClient(clients),
    lambda,
    cloudwatch: new CloudWatchClient(clients),
    now: new AwsClock(lambda).now,
  };
}

/**
 * Reads a stage's resources and counts from AWS's APIs.
 *
 * @param prefix of the names of the stage's resources: `fanfare-dev-`; empty for all resources
 */
export async function readStageStatus(target: Target, prefix: string, clients: StatusClients): Promise<StageStatus> {
  const [topics, queues, functions, tables] = await Promise.all([
    listTopics(clients.sns, prefix),
    listQueues(clients.sqs, prefix),
    listFunctions(clients.lambda, prefix).then((names) => withCounts(target, names, clients)),
    listTables(clients.dynamodb, prefix),
  ]);
  const deliveries = topics.flatMap(({ subscriptions }) => subscriptions);
  return {
    stage: target.stage,
    place: target.place,
    time: new Date(clients.now()).toISOString(),
    topics: topics.map(({ name, subscriptions }) => ({ name, subscriptions: subscriptions.length })),
    queues: arrangeQueues(queues, deliveries),
    functions,
    functionsCounted: target.local === undefined ? "in the last hour" : "since the start",
    tables,
  };
}

/** The number of dead letters in all dead-letter queues of a stage. */
export function countDeadLetters({ queues }: Pick<StageStatus, "queues">): number {
  return queues.flatMap(({ deadLetterQueues }) => deadLetterQueues).reduce((sum, { deadLetters }) => sum + deadLetters, 0);
}

async function withCounts(
  target: Target,
  names: readonly string[],
  { cloudwatch, now }: StatusClients,
): Promise<StageStatus["functions"]> {
  const counts = await (target.local === undefined ? cloudWatchCounts(cloudwatch, names, now()) : laptopCounts(target.local));
  return names.map((name) => ({ name, ...counts.get(name) }));
}

/** Groups each dead-letter queue under the queue it belongs to; one that belongs to none is listed as a queue. */
function arrangeQueues(
  queues: readonly QueueFound[],
  deliveries: readonly { queue: string; deadLetterQueue?: string }[],
): QueueStatus[] {
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  const takesDeadLetters = new Set([...queues, ...deliveries].map(({ deadLetterQueue }) => deadLetterQueue));
  const deadLetters = (name: string | undefined, of: DeadLetterQueueStatus["of"]): DeadLetterQueueStatus[] => {
    const queue = name === undefined ? undefined : byName.get(name);
    return queue ? [{ name: queue.name, of, deadLetters: queue.waiting + queue.inFlight + queue.delayed }] : [];
  };
  return queues
    .filter(({ name }) => !takesDeadLetters.has(name))
    .map(({ name, waiting, inFlight, delayed, deadLetterQueue }) => ({
      name,
      waiting,
      inFlight,
      delayed,
      deadLetterQueues: [
        ...deadLetters(deadLetterQueue, "handling"),
        ...deliveries
          .filter(({ queue }) => queue === name)
          .flatMap((delivery) => deadLetters(delivery.deadLetterQueue, "delivery")),
      ],
    }));
}
