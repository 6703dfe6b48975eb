import { type Duration, type RemovalPolicy, Stack } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, RedrivePermission } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ServiceNames } from "../names.ts";
import { DEAD_LETTER_RETENTION, fifoQueue, QUEUE_RETENTION, queueEncryption, receivesBeforeRedrive } from "./queue-settings.ts";
import { visibilityTimeoutOf } from "./visibility-timeout.ts";

export interface ServiceQueueProps {
  readonly names: ServiceNames;
  /** Whether the service receives the events of one subject in order: its queues are then FIFO. */
  readonly ordered: boolean;
  /** The timeout of the function that consumes the queue. */
  readonly functionTimeout: Duration;
  /** At least six function timeouts, at most 12 hours. @default six function timeouts */
  readonly visibilityTimeout?: Duration;
  /** @default - a key that SQS manages */
  readonly key?: IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** A service's queue and its dead-letter queue: encrypted, TLS only, and redriving only to each other. */
export class ServiceQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** How long a received message stays hidden. */
  readonly visibilityTimeout: Duration;

  constructor(scope: Construct, id: string, props: ServiceQueueProps) {
    super(scope, id);
    const { names, ordered, functionTimeout, removalPolicy } = props;
    this.visibilityTimeout = visibilityTimeoutOf(names.service, functionTimeout, props.visibilityTimeout);

    const common = { ...queueEncryption(props.key), ...(ordered && fifoQueue), enforceSSL: true, removalPolicy };
    // By name: the queue refers to its dead-letter queue, so a reference here would be circular.
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
