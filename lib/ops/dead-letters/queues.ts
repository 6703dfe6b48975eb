import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { OpsError } from "../errors.ts";
import type { LetterKind } from "./letter.ts";

/** A dead-letter queue. Counts are approximate, as SQS reports them. */
export interface LetterQueue {
  readonly of: LetterKind;
  readonly name: string;
  readonly url: string;
  readonly waiting: number;
  /** In flight: somebody is looking at them, or just did. */
  readonly held: number;
  /** Wait time of a receive: at least one second makes SQS ask all servers of the queue. */
  readonly waitSeconds: number;
}

/** A service's queue, and its dead-letter queues. */
export interface ServiceQueues {
  readonly service: string;
  readonly name: string;
  readonly url: string;
  /** Receives after which SQS moves a message. */
  readonly maxReceives?: number;
  /** What the service could not handle. */
  readonly deadLetters: LetterQueue;
  /** What SNS could not deliver: one queue per topic that the service consumes. */
  readonly undelivered: readonly LetterQueue[];
}

/** The names of a service's queues in a stage. */
export interface QueueNames {
  readonly queue: string;
  readonly deadLetterQueue: string;
  /** Of the service's subscriptions. */
  readonly undelivered: readonly string[];
}

/** Long polling asks all servers of a queue, so that an empty answer means an empty queue. AWSSimpleQueueService, "Long polling" */
const WAIT_SECONDS = 1;

/**
 * Finds a service's queues. A missing dead-letter queue of a subscription is left out: its topic may be newer than the deployment.
 *
 * @param oneServer whether the queues are an emulator's, whose first empty answer means that the queue is empty
 * @throws OpsError when the service's queue or its dead-letter queue is missing.
 */
export async function findServiceQueues(
  sqs: Pick<SQSClient, "send">,
  service: string,
  names: QueueNames,
  oneServer: boolean,
): Promise<ServiceQueues> {
  const [queue, deadLetters, ...undelivered] = await Promise.all([
    readQueue(sqs, names.queue),
    readQueue(sqs, names.deadLetterQueue),
    ...names.undelivered.map((name) => readQueue(sqs, name)),
  ]);
  if (!queue || !deadLetters) {
    throw new OpsError(`there is no queue ${queue ? names.deadLetterQueue : names.queue}: deploy the service ${service} first`);
  }
  const waitSeconds = oneServer ? 0 : WAIT_SECONDS;
  return {
    service,
    name: queue.name,
    url: queue.url,
    ...(queue.maxReceives !== undefined && { maxReceives: queue.maxReceives }),
    deadLetters: { ...deadLetters, of: "handling", waitSeconds },
    undelivered: undelivered.flatMap((found) => (found ? { ...found, of: "delivery" as const, waitSeconds } : [])),
  };
}

async function readQueue(sqs: Pick<SQSClient, "send">, name: string) {
  const url = await findUrl(sqs, name);
  if (url === undefined) return undefined;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "RedrivePolicy"],
    }),
  );
  return {
    name,
    url,
    waiting: Number(Attributes["ApproximateNumberOfMessages"] ?? 0),
    held: Number(Attributes["ApproximateNumberOfMessagesNotVisible"] ?? 0),
    maxReceives: maxReceivesOf(Attributes["RedrivePolicy"]),
  };
}

async function findUrl(sqs: Pick<SQSClient, "send">, name: string): Promise<string | undefined> {
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl;
  } catch (error) {
    if (error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name)) return undefined;
    throw error;
  }
}

const redrivePolicy = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ maxReceiveCount: v.pipe(v.union([v.number(), v.string()]), v.toNumber()) }),
);

function maxReceivesOf(policy: string | undefined): number | undefined {
  const parsed = v.safeParse(redrivePolicy, policy);
  return parsed.success ? parsed.output.maxReceiveCount : undefined;
}
