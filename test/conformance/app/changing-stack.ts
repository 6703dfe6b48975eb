import { Stack, type StackProps } from "aws-cdk-lib";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { fedQueue, feed, queue, scripted, topic } from "./shapes.ts";

export interface ChangingStackProps extends StackProps {
  /** What a redeploy changes: the value that the filter policy wants, and what the function calls itself. */
  readonly generation: string;
}

/** What is deployed again in another generation. */
export class ChangingStack extends Stack {
  constructor(scope: Construct, id: string, { generation, ...props }: ChangingStackProps) {
    super(scope, id, props);
    const changing = topic(this, "changing");
    const chosen = queue(this, "chosen");
    chosen.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("sns.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [chosen.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": changing.topicArn } },
      }),
    );
    new CfnSubscription(this, "Subscription", {
      topicArn: changing.topicArn,
      protocol: "sqs",
      endpoint: chosen.queueArn,
      rawMessageDelivery: true,
      filterPolicy: { generation: [generation] },
    });
    feed(scripted(this, "changing", { environment: { GENERATION: generation } }), fedQueue(this, "in-flight"), {
      batchSize: 1,
    });
  }
}
