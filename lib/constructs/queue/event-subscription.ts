import { type RemovalPolicy, Validations } from "aws-cdk-lib/core";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { FILTER_POLICY_COMBINATIONS } from "../../contracts/limits.ts";
import type { TopicDefinition } from "../../contracts/topic.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { ServiceNames } from "../names.ts";
import { DEAD_LETTER_RETENTION, fifoQueue, queueEncryption } from "./queue-settings.ts";

export interface EventSubscriptionProps {
  readonly names: ServiceNames;
  readonly topic: TopicDefinition;
  readonly topicArn: string;
  /** The types that the queue receives, 1 to 150. */
  readonly eventTypes: readonly string[];
  readonly queue: Queue;
  /** @default - a key that SQS manages */
  readonly key?: IKey;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A subscription of a service's queue to some event types of one topic, with raw delivery. What SNS cannot deliver goes to the
 * subscription's own dead-letter queue.
 */
export class EventSubscription extends Construct {
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: EventSubscriptionProps) {
    super(scope, id);
    const { names, topic, topicArn, eventTypes, queue } = props;
    checkFilterPolicy(names.service, topic.name, eventTypes);

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
      filterPolicy: { type: [...eventTypes] },
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

function checkFilterPolicy(service: string, topic: string, eventTypes: readonly string[]): void {
  if (eventTypes.length < 1 || eventTypes.length > FILTER_POLICY_COMBINATIONS) {
    throw new ConfigurationError(
      `service ${service}: ${eventTypes.length} event types of topic ${topic}: a filter policy takes 1 to ${FILTER_POLICY_COMBINATIONS}; split the service or the topic`,
    );
  }
}
