import { Duration, type RemovalPolicy, Stack } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, RedrivePermission } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import {
  MAPPING_BATCH_RECORDS,
  SQS_RETENTION_DAYS,
  SQS_VISIBILITY_SECONDS,
  VISIBILITY_PER_TIMEOUT,
} from "../contracts/limits.ts";
import { ConfigurationError } from "./configuration-error.ts";
import type { ServiceNames } from "./names.ts";

/**
 * How often a message is received before it is dead. The runtime gives it up by itself on the last time, with its reason; the
 * queue's own redrive moves what crashed the function each time.
 */
export const MAX_RECEIVE_COUNT = 10;

/**
 * How often SQS hands a message out before it moves it by itself. In a FIFO queue a message is also received while those before it
 * are given up one after the other, at most a batch of them: the runtime does not count these receives, but SQS does.
 */
export function receivesBeforeRedrive(ordered: boolean): number {
  return ordered ? MAX_RECEIVE_COUNT * MAPPING_BATCH_RECORDS : MAX_RECEIVE_COUNT;
}

/** How long a service's queue keeps a message that nobody takes: SQS's own default. */
export const QUEUE_RETENTION = Duration.days(4);

/** The longest that SQS offers, for people are slower than functions, and redrive keeps a message's first enqueue time. */
export const DEAD_LETTER_RETENTION = Duration.days(SQS_RETENTION_DAYS);

export interface ServiceQueueProps {
  readonly names: ServiceNames;
  /** Whether the service takes the events of one subject in their order: its queues are then FIFO. */
  readonly ordered: boolean;
  /** The timeout of the function that drains the queue. */
  readonly functionTimeout: Duration;
  /** At least six function timeouts, at most 12 hours. @default six function timeouts */
  readonly visibilityTimeout?: Duration;
  /** @default - a key that SQS manages */
  readonly key?: IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** A service's queue and its dead-letter queue: encrypted, TLS only, each the other's only partner in redrive. */
export class ServiceQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** How long a received message stays hidden. */
  readonly visibilityTimeout: Duration;

  constructor(scope: Construct, id: string, props: ServiceQueueProps) {
    super(scope, id);
    const { names, ordered, functionTimeout, removalPolicy } = props;
    this.visibilityTimeout = props.visibilityTimeout ?? Duration.seconds(functionTimeout.toSeconds() * VISIBILITY_PER_TIMEOUT);
    checkVisibility(names.service, this.visibilityTimeout, functionTimeout);

    const common = { ...queueEncryption(props.key), ...(ordered && fifoQueue), enforceSSL: true, removalPolicy };
    // By its name: a reference would close a circle, for the queue refers to its dead-letter queue.
    const queueArn = Stack.of(this).formatArn({ service: "sqs", resource: names.queue });
    this.deadLetterQueue = new Queue(this, "DeadLetterQueue", {
      queueName: names.deadLetterQueue,
      retentionPeriod: DEAD_LETTER_RETENTION,
      redriveAllowPolicy: {
        redrivePermission: RedrivePermission.BY_QUEUE,
        sourceQueues: [Queue.fromQueueArn(this, "Source", queueArn)],
      },
      ...common,
    });
    this.queue = new Queue(this, "Queue", {
      queueName: names.queue,
      retentionPeriod: QUEUE_RETENTION,
      visibilityTimeout: this.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: receivesBeforeRedrive(ordered) },
      ...common,
    });
  }
}

/**
 * A FIFO queue that has no limit of its own: its groups share nothing, and a copy is told by its id within its group.
 * AWSSimpleQueueService, "High throughput for FIFO queues"
 */
export const fifoQueue = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
} as const;

/** How a queue encrypts: with a key that SQS manages, or with the customer's. */
export function queueEncryption(key: IKey | undefined) {
  return key ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key } : { encryption: QueueEncryption.SQS_MANAGED };
}

function checkVisibility(service: string, visibility: Duration, timeout: Duration): void {
  const least = timeout.toSeconds() * VISIBILITY_PER_TIMEOUT;
  const seconds = visibility.toSeconds();
  if (seconds < least || seconds > SQS_VISIBILITY_SECONDS) {
    throw new ConfigurationError(
      `service ${service}: visibility timeout of ${seconds} s: expected ${least} s (${VISIBILITY_PER_TIMEOUT} function timeouts of ${timeout.toSeconds()} s) to ${SQS_VISIBILITY_SECONDS} s`,
    );
  }
}
