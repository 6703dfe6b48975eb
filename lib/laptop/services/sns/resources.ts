import { account, arn } from "../../shared/account.ts";
import { parseFunctionName } from "../lambda/functions/function-name.ts";
import {
  created,
  fifoName,
  physicalName,
  reportMissing,
  type Created,
  type Deployment,
  type Properties,
  type Resource,
  type ResourceHandler,
} from "../../cloudformation/resource.ts";

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

/** What topics deliver to here. */
const PROTOCOLS = ["sqs", "lambda"];

/** SNS: topics, their policies, and their subscriptions by queues and functions. */
export const snsResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
  "AWS::SNS::Subscription": subscription,
};

function topic(resource: Resource, deployment: Deployment): Created {
  const { sns } = deployment.messaging;
  const { properties } = resource;
  const nameOf = properties.flag("FifoTopic") ? fifoName : physicalName;
  const name = nameOf(resource, "TopicName", LONGEST_NAME);
  const attributes = properties.attributes(TOPIC_ATTRIBUTES);
  const known = sns.getTopic(arn("sns", name));
  if (known) {
    known.attributes = attributes;
    sns.persistence?.updateTopicAttributes(known.arn, attributes);
  }
  const { arn: topicArn } = known ?? sns.createTopic(name, attributes, {}, account.region);
  for (const entry of properties.groups("Subscription")) subscribe(topicArn, entry, resource, deployment);
  return created(topicArn, { TopicArn: topicArn, TopicName: name });
}

function topicPolicy(resource: Resource, { messaging: { sns }, policies }: Deployment): Created {
  const { logicalId, properties } = resource;
  for (const topicArn of properties.list("Topics").map(String)) {
    policies.setResourcePolicy(topicArn, properties.raw("PolicyDocument"), resource);
    const known = sns.getTopic(topicArn);
    if (!known) continue;
    known.attributes["Policy"] = JSON.stringify(properties.raw("PolicyDocument"));
    sns.persistence?.updateTopicAttributes(topicArn, known.attributes);
  }
  return created(logicalId);
}

function subscription(resource: Resource, deployment: Deployment): Created {
  const { logicalId, properties } = resource;
  const subscriptionArn = subscribe(properties.text("TopicArn"), properties, resource, deployment);
  return subscriptionArn === undefined ? created(logicalId) : created(subscriptionArn, { Arn: subscriptionArn });
}

/**
 * Subscribes an endpoint to a topic, or brings its subscription up to date.
 *
 * @param settings protocol, endpoint and attributes of the subscription
 * @returns its ARN; undefined, and reported, where nothing can be delivered here
 */
function subscribe(topicArn: string, settings: Properties, resource: Resource, deployment: Deployment): string | undefined {
  const { sns } = deployment.messaging;
  const protocol = settings.text("Protocol");
  if (!PROTOCOLS.includes(protocol)) {
    reportMissing(
      deployment,
      resource,
      `nothing is delivered by ${protocol}: topics deliver to queues and functions alone here`,
    );
    return undefined;
  }
  const endpoint = settings.text("Endpoint");
  const attributes = settings.attributes(SUBSCRIPTION_ATTRIBUTES);
  const found = sns.getTopic(topicArn);
  if (!found) {
    reportMissing(deployment, resource, `nothing is delivered: its topic ${topicArn} is not here. Run its stack with this one`);
    return undefined;
  }
  const known = found.subscriptionArns.map((it) => sns.subscriptions.get(it)).find((it) => it?.endpoint === endpoint);
  if (known) {
    known.attributes = attributes;
    delete known.parsedFilterPolicy;
    sns.persistence?.updateSubscriptionAttributes(known.arn, attributes);
  }
  const subscribed = known ?? sns.subscribe(topicArn, protocol, endpoint, attributes);
  // A function confirms nothing, on AWS either; the engine waits for it.
  if (subscribed) subscribed.confirmed = true;
  const subscriptionArn = subscribed?.arn ?? "";
  deployment.subscriptions.add(subscriptionArn);
  return subscriptionArn;
}

/** Ends subscriptions of the templates' queues and functions that a kept state has and the templates no longer have. */
export function removeStaleSubscriptions({ messaging: { sns }, queues, functions, subscriptions }: Deployment): void {
  for (const { arn: subscriptionArn, endpoint, protocol } of sns.subscriptions.values()) {
    const isOurs = protocol === "lambda" ? functions.has(parseFunctionName(endpoint).name) : queues.has(endpoint);
    if (isOurs && !subscriptions.has(subscriptionArn)) sns.unsubscribe(subscriptionArn);
  }
}
