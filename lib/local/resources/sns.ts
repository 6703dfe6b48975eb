import { account, arn } from "../account.ts";
import { CloudError } from "../errors.ts";
import {
  created,
  physicalName,
  reportMissing,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "./resource.ts";

const TOPIC_ATTRIBUTES = [
  "DisplayName",
  "FifoTopic",
  "ContentBasedDeduplication",
  "FifoThroughputScope",
  "KmsMasterKeyId",
  "SignatureVersion",
  "TracingConfig",
];
const SUBSCRIPTION_ATTRIBUTES = ["RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy"];
const LONGEST_NAME = 256;

/** SNS: topics, their policies, and their subscriptions by queues. */
export const snsResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
  "AWS::SNS::Subscription": subscription,
};

function topic(resource: Resource, { messaging: { sns } }: Deployment): Created {
  const { properties } = resource;
  const name = physicalName(resource, "TopicName", LONGEST_NAME);
  const attributes = properties.attributes(TOPIC_ATTRIBUTES);
  const known = sns.getTopic(arn("sns", name));
  if (known) {
    known.attributes = attributes;
    sns.persistence?.updateTopicAttributes(known.arn, attributes);
  }
  const { arn: topicArn } = known ?? sns.createTopic(name, attributes, {}, account.region);
  return created(topicArn, { TopicArn: topicArn, TopicName: name });
}

function topicPolicy({ logicalId, properties }: Resource, { messaging: { sns } }: Deployment): Created {
  for (const topicArn of properties.list("Topics").map(String)) {
    const known = sns.getTopic(topicArn);
    if (!known) continue;
    known.attributes["Policy"] = JSON.stringify(properties.raw("PolicyDocument"));
    sns.persistence?.updateTopicAttributes(topicArn, known.attributes);
  }
  return created(logicalId);
}

function subscription(resource: Resource, deployment: Deployment): Created {
  const { logicalId, properties, stack } = resource;
  const { sns } = deployment.messaging;
  const protocol = properties.text("Protocol");
  if (protocol !== "sqs") {
    reportMissing(deployment, resource, `nothing is delivered by ${protocol}: topics deliver to queues alone here`);
    return created(logicalId);
  }
  const topicArn = properties.text("TopicArn");
  const endpoint = properties.text("Endpoint");
  const attributes = properties.attributes(SUBSCRIPTION_ATTRIBUTES);
  const found = sns.getTopic(topicArn);
  if (!found) {
    throw new CloudError(
      `${logicalId} in stack ${stack} subscribes to ${topicArn}, which does not exist. Deploy its stack with this one.`,
    );
  }
  const known = found.subscriptionArns.map((it) => sns.getSubscription(it)).find((it) => it?.endpoint === endpoint);
  if (known) {
    known.attributes = attributes;
    delete known.parsedFilterPolicy;
    sns.persistence?.updateSubscriptionAttributes(known.arn, attributes);
  }
  const { arn: subscriptionArn } = known ?? sns.subscribe(topicArn, protocol, endpoint, attributes) ?? { arn: "" };
  deployment.subscriptions.add(subscriptionArn);
  return created(subscriptionArn, { Arn: subscriptionArn });
}

/** Ends subscriptions of the templates' queues that a kept state has and the templates no longer have. */
export function removeStaleSubscriptions({ messaging: { sns }, queues, subscriptions }: Deployment): void {
  for (const { arn: subscriptionArn, endpoint } of sns.subscriptions.values()) {
    if (queues.has(endpoint) && !subscriptions.has(subscriptionArn)) sns.unsubscribe(subscriptionArn);
  }
}
