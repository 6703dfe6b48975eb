import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { feed, queue, scripted } from "./shapes.ts";

/** Functions that end in every way. */
export class FailuresStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const end of ["throw", "hang", "memory", "exit", "reject"]) {
      feed(scripted(this, `failing-${end}`), queue(this, `failing-${end}`), { batchSize: 1 });
    }
  }
}
