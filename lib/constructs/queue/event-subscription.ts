import { type RemovalPolicy, Validations } from "aws-cdk-lib/core";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { TopicDefinition } from "../../contracts/topic.ts";
import type { ServiceNames } from "../names.ts";
import type { FilterPolicy } from "./filter-policy.ts";
import { DEAD_LETTER_RETENTION, fifoQueue, queueEncryption } from "./queue-settings.ts";

export interface EventSubscriptionProps {
  readonly names: ServiceNames;
  readonly topic: TopicDefinition;
  readonly topicArn: string;
  /** What the queue receives: see `filterPolicyOf`. */
  readonly filterPolicy: FilterPolicy;
  readonly queue: Queue;
  /** @default - a key that SQS manages */
  readonly key?: IKey;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A subscription of a service's queue to some events of one topic, with raw delivery. What SNS cannot deliver goes to the
 * subscription's own dead-letter queue.
 */
export class EventSubscription extends Construct {
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: EventSubscriptionProps) {
    super(scope, id);
    const { names, topic, topicArn, filterPolicy, queue } = props;

    this.undelivered = new Queue(this, "Undelivered", {
      queueName: names.undelivered(topic),
      retentionPeriod: DEAD_LETTER_RETENTION,
      enforceSSL: true,
      removalPolicy: props.removalPolicy,
      ...(topic.fifo && fifoQueue),
      ...queueEncryption(props.key),
    });
    Validations.of(this.undelivered).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is a dead-letter queue: of a subscription, which the rule does not look at.",
    });
    for (const receiver of [queue, this.undelivered]) receiver.addToResourcePolicy(delivery(receiver, topicArn));

    const subscription = new CfnSubscription(this, "Subscription", {
      topicArn,
      protocol: "sqs",
      endpoint: queue.queueArn,
      rawMessageDelivery: true,
      filterPolicyScope: "MessageAttributes",
      filterPolicy,
      redrivePolicy: { deadLetterTargetArn: this.undelivered.queueArn },
    });
    // SNS drops what a queue's policy refuses, without a retry: no delivery before both policies exist.
    subscription.node.addDependency(queue, this.undelivered);
  }
}

function delivery(queue: Queue, topicArn: string): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal("sns.amazonaws.com")],
    actions: ["sqs:SendMessage"],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { "aws:SourceArn": topicArn } },
  });
}
