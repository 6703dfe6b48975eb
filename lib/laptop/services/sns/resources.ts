import { account, arn } from "../../shared/account.ts";
import type { Properties } from "../../cloudformation/properties.ts";
import { created, fifoName, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import type { CloudContext } from "../context.ts";
import type { MessagingEngine } from "../fauxqs/fauxqs.ts";
import type { Service } from "../service.ts";

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

interface Making {
  readonly sns: MessagingEngine["sns"];
  readonly subscriptions: Set<string>;
  readonly policies: CloudContext["iam"]["policies"];
}

/** SNS: topics, their policies, and their subscriptions by queues and functions. */
export function snsResources(
  { sns }: MessagingEngine,
  subscriptions: Set<string>,
  { iam }: CloudContext,
): Service["resources"] {
  const making = { sns, subscriptions, policies: iam.policies };
  return {
    "AWS::SNS::Topic": (resource) => topic(resource, making),
    "AWS::SNS::TopicPolicy": (resource) => topicPolicy(resource, making),
    "AWS::SNS::Subscription": (resource) => subscription(resource, making),
  };
}

function topic(resource: Resource, making: Making): Created {
  const { sns } = making;
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
  for (const entry of properties.groups("Subscription")) subscribe(topicArn, entry, resource, making);
  return created(topicArn, { TopicArn: topicArn, TopicName: name });
}

function topicPolicy(resource: Resource, { sns, policies }: Making): Created {
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

function subscription(resource: Resource, making: Making): Created {
  const { logicalId, properties } = resource;
  const subscriptionArn = subscribe(properties.text("TopicArn"), properties, resource, making);
  return subscriptionArn === undefined ? created(logicalId) : created(subscriptionArn, { Arn: subscriptionArn });
}

/**
 * Subscribes an endpoint to a topic, or brings its subscription up to date.
 *
 * @param settings protocol, endpoint and attributes of the subscription
 * @returns its ARN; undefined, and reported, where nothing can be delivered here
 */
function subscribe(topicArn: string, settings: Properties, resource: Resource, making: Making): string | undefined {
  const { sns } = making;
  const protocol = settings.text("Protocol");
  if (!PROTOCOLS.includes(protocol)) {
    resource.report(`nothing is delivered by ${protocol}: topics deliver to queues and functions alone here`);
    return undefined;
  }
  const endpoint = settings.text("Endpoint");
  const attributes = settings.attributes(SUBSCRIPTION_ATTRIBUTES);
  const found = sns.getTopic(topicArn);
  if (!found) {
    resource.report(`nothing is delivered: its topic ${topicArn} is not here. Run its stack with this one`);
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
  making.subscriptions.add(subscriptionArn);
  return subscriptionArn;
}
