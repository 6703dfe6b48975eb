import { Duration, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { fedQueue, feed, scripted } from "./shapes.ts";

/** Functions that end in every way. */
export class FailuresStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const end of ["throw", "hang", "memory", "exit", "reject"]) {
      const timeout = end === "hang" && { timeout: Duration.seconds(2) };
      feed(scripted(this, `failing-${end}`, { ...timeout }), fedQueue(this, `failing-${end}`), { batchSize: 1 });
    }
  }
}
