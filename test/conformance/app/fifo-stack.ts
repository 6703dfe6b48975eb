import { Stack } from "aws-cdk-lib";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { DeduplicationScope, FifoThroughputLimit } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { fedQueue, feed, queue, scripted, topic } from "./shapes.ts";

/** FIFO queues by themselves, behind a FIFO topic, and in front of a function. */
export class FifoStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const name of ["ordered", "blocked", "returned", "unique", "queue-wide"]) queue(this, name, { fifo: true });
    queue(this, "by-content", { fifo: true, contentBasedDeduplication: true });
    queue(this, "by-group", {
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    });
    queue(this, "ordered-redriven", {
      fifo: true,
      deadLetterQueue: { queue: queue(this, "ordered-dlq", { fifo: true }), maxReceiveCount: 1 },
    });
    const fanned = topic(this, "fanned", { fifo: true });
    for (const name of ["fanned", "fanned-copies"]) {
      fanned.addSubscription(new SqsSubscription(queue(this, `${name}-fifo`, { fifo: true }), { rawMessageDelivery: true }));
      fanned.addSubscription(new SqsSubscription(queue(this, `${name}-standard`), { rawMessageDelivery: true }));
    }
    feed(scripted(this, "in-order"), fedQueue(this, "in-order", { fifo: true, contentBasedDeduplication: true }));
  }
}
