import { Duration } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { DeduplicationScope, FifoThroughputLimit, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { SQS_RECEIVES, SQS_RETENTION_DAYS } from "../../contracts/limits.ts";

/**
 * How often a message may be received without an end before it is dead: then it has ended the function's process each time. The
 * runtime dead-letters it with that reason where it can; SQS's own redrive is the net behind it. A message that fails in an
 * orderly way is sent again, and its receives begin anew.
 */
export const MAX_RECEIVE_COUNT = 10;

/**
 * How often SQS delivers a message before it moves it to the dead-letter queue. A message of a FIFO queue stays there while it is
 * retried, and while those before it are: of all these receives SQS allows a thousand, its maximum.
 * AWSSimpleQueueService, "Using dead-letter queues"
 */
export function receivesBeforeRedrive(ordered: boolean): number {
  return ordered ? SQS_RECEIVES : MAX_RECEIVE_COUNT;
}

/** How long a service's queue keeps an unhandled message: SQS's default. */
export const QUEUE_RETENTION = Duration.days(4);

/** The longest that SQS offers: people need time, and redrive keeps a message's original enqueue time. */
export const DEAD_LETTER_RETENTION = Duration.days(SQS_RETENTION_DAYS);

/**
 * Settings of a high-throughput FIFO queue: deduplication and the throughput limit apply per message group.
 * AWSSimpleQueueService, "High throughput for FIFO queues"
 */
export const fifoQueue = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
} as const;

/** A queue's encryption: with a key that SQS manages, or with the customer's. */
export function queueEncryption(key: IKey | undefined) {
  return key ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key } : { encryption: QueueEncryption.SQS_MANAGED };
}
