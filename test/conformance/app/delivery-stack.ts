import { Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSubscription, type Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { queue, topic } from "./shapes.ts";

/** How topics deliver to queues. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const name of ["wrapped", "over-ten-wrapped"])
      topic(this, name).addSubscription(new SqsSubscription(queue(this, name)));
    for (const name of ["raw", "over-ten-raw", "grouped"]) {
      const deadLetterQueue = queue(this, `${name}-undelivered`);
      topic(this, name).addSubscription(new SqsSubscription(queue(this, name), { rawMessageDelivery: true, deadLetterQueue }));
    }
    const late = queue(this, "late", { deliveryDelay: Duration.seconds(2) });
    topic(this, "late").addSubscription(new SqsSubscription(late, { rawMessageDelivery: true }));
    refuse(topic(this, "refused"), queue(this, "refusing"), queue(this, "undelivered"));
  }
}

/** Subscribes a queue whose policy lets no topic in; its subscription's dead-letter queue does. */
function refuse(refused: Topic, refusing: Queue, undelivered: Queue): void {
  new CfnSubscription(refused, "Subscription", {
    topicArn: refused.topicArn,
    protocol: "sqs",
    endpoint: refusing.queueArn,
    rawMessageDelivery: true,
    redrivePolicy: { deadLetterTargetArn: undelivered.queueArn },
  });
  undelivered.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("sns.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [undelivered.queueArn],
      conditions: { ArnEquals: { "aws:SourceArn": refused.topicArn } },
    }),
  );
}
