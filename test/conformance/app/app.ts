/**
 * The app of the conformance suite: many small shapes, a stack for each kind. It deploys by plain CDK; on LocalStack and AWS that comes
 * before the suite:
 *
 *   cdk deploy --app "node test/conformance/app/app.ts" --all --require-approval never
 *
 * The context value `generation` (1 by default) is what a redeploy changes: see changing-stack.ts.
 */
import { App } from "aws-cdk-lib";
import { named } from "./names.ts";
import { AsynchronousStack } from "./asynchronous-stack.ts";
import { ChangingStack } from "./changing-stack.ts";
import { DeliveryStack } from "./delivery-stack.ts";
import { FailuresStack } from "./failures-stack.ts";
import { FifoStack } from "./fifo-stack.ts";
import { FilterStack } from "./filter-stack.ts";
import { MappingStack } from "./mapping-stack.ts";
import { QueueStack } from "./queue-stack.ts";
import { RecordsStack } from "./records-stack.ts";
import { StreamStack } from "./stream-stack.ts";

const app = new App({ analyticsReporting: false });

const records = new RecordsStack(app, named("records"));
new FilterStack(app, named("filters"));
new DeliveryStack(app, named("delivery"));
new QueueStack(app, named("queues"));
for (const stack of [
  new FifoStack(app, named("fifo")),
  new MappingStack(app, named("mappings")),
  new FailuresStack(app, named("failures")),
  new StreamStack(app, named("streams")),
  new AsynchronousStack(app, named("asynchronous")),
  new ChangingStack(app, named("changing"), { generation: String(app.node.tryGetContext("generation") ?? 1) }),
]) {
  stack.addStackDependency(records);
}
