import { Duration } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { DeduplicationScope, FifoThroughputLimit, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { MAPPING_BATCH_RECORDS, SQS_RETENTION_DAYS } from "../../contracts/limits.ts";

/**
 * How often a message is received before it is dead. On the last receive the runtime dead-letters it with its reason; SQS's own
 * redrive only moves what crashed the function each time.
 */
export const MAX_RECEIVE_COUNT = 10;

/**
 * How often SQS delivers a message before it moves it to the dead-letter queue. In a FIFO queue a message is also received while
 * up to a batch of messages before it use up their attempts: the runtime does not count these receives, but SQS does.
 */
export function receivesBeforeRedrive(ordered: boolean): number {
  return ordered ? MAX_RECEIVE_COUNT * MAPPING_BATCH_RECORDS : MAX_RECEIVE_COUNT;
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
