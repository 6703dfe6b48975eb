import { Stack } from "aws-cdk-lib";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { queue, scripted, topic } from "./shapes.ts";

/** Functions that are invoked and not waited for. */
export class AsynchronousStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    scripted(this, "once", {
      retryAttempts: 0,
      onSuccess: new SqsDestination(queue(this, "succeeded")),
      onFailure: new SqsDestination(queue(this, "failed")),
    });
    scripted(this, "twice", { retryAttempts: 1, onFailure: new SqsDestination(queue(this, "failed-twice")) });
    const called = topic(this, "called");
    called.addSubscription(new LambdaSubscription(scripted(this, "subscribed")));
  }
}
