import { Duration, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { fedQueue, feed, queue, scripted } from "./shapes.ts";

/** How queues feed functions. */
export class MappingStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const maxBatchingWindow = Duration.seconds(1);
    const fn = scripted(this, "fed");
    feed(fn, fedQueue(this, "partial"), { maxBatchingWindow });
    feed(fn, fedQueue(this, "whole"), { maxBatchingWindow, reportBatchItemFailures: false });
    feed(fn, fedQueue(this, "answered"), { batchSize: 1 });
    feed(fn, fedQueue(this, "wide", { visibilityTimeout: Duration.seconds(30) }), {
      batchSize: 40,
      maxBatchingWindow: Duration.seconds(3),
    });
    feed(fn, fedQueue(this, "spent", { deadLetterQueue: { queue: queue(this, "spent-dlq"), maxReceiveCount: 2 } }), {
      batchSize: 1,
    });
    feed(fn, fedQueue(this, "sifted"), { batchSize: 1, filters: [{ pattern: JSON.stringify({ body: { wanted: [true] } }) }] });

    const slow = scripted(this, "slow", { timeout: Duration.seconds(10) });
    const visibilityTimeout = Duration.seconds(20);
    feed(slow, fedQueue(this, "narrow", { visibilityTimeout }), { batchSize: 1, maxConcurrency: 2 });
    const hiding = queue(this, "hiding", { visibilityTimeout });
    slow.addEnvironment("HIDING_QUEUE_URL", hiding.queueUrl);
    feed(slow, hiding, { batchSize: 1 });
  }
}
