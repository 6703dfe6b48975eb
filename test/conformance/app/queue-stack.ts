import { Duration, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { queue } from "./shapes.ts";

/** What queues do by themselves. */
export class QueueStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    queue(this, "redriven", { deadLetterQueue: { queue: queue(this, "redriven-dlq"), maxReceiveCount: 2 } });
    queue(this, "delayed", { deliveryDelay: Duration.seconds(3) });
    for (const name of ["visible", "released", "stale", "postponed"]) queue(this, name);
    // The least that SQS takes.
    queue(this, "short-lived", { retentionPeriod: Duration.seconds(60) });
  }
}
