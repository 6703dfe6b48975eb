import { account, iamArn } from "../../shared/account.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { CloudError } from "../../shared/errors.ts";
import {
  created,
  fifoName,
  physicalName,
  type Created,
  type Resource,
  type ResourceHandler,
} from "../../cloudformation/resource.ts";
import type { Properties } from "../../cloudformation/properties.ts";
import type { Policies } from "../../iam/policies.ts";
import { topicArnOf } from "./arns.ts";
import type { Store } from "./store.ts";
import { SUBSCRIPTION_ATTRIBUTES } from "./subscriptions/subscription-attributes.ts";
import { checkEndpoint, isOnThisMachine, mustConfirm } from "./subscriptions/endpoints.ts";
import type { TopicPolicies } from "./topics/topic-policies.ts";
import type { Topic } from "./topics/topic.ts";

const TOPIC_ATTRIBUTES = [
  "ArchivePolicy",
  "ContentBasedDeduplication",
  "DisplayName",
  "FifoThroughputScope",
  "FifoTopic",
  "KmsMasterKeyId",
  "MaximumMessageSize",
  "SignatureVersion",
  "TracingConfig",
];
const LONGEST_NAME = 256;

/** What topics deliver to here. */
const DELIVERED = ["sqs", "lambda", "http", "https"];

export interface SnsResourcesOptions {
  readonly store: Store;
  readonly policies: Policies;
  readonly topicPolicies: TopicPolicies;
  /** Told of each subscription of the templates, by its ARN. */
  readonly onSubscription: (arn: string) => void;
}

/** What creates topics, their policies and their subscriptions, and brings those that are kept up to date. */
export function snsResources(options: SnsResourcesOptions): Readonly<Record<string, ResourceHandler>> {
  const resources = new SnsResources(options);
  return {
    "AWS::SNS::Topic": (resource) => inOneLine(resource, () => resources.topic(resource)),
    "AWS::SNS::TopicPolicy": (resource) => inOneLine(resource, () => resources.topicPolicy(resource)),
    "AWS::SNS::TopicInlinePolicy": (resource) => inOneLine(resource, () => resources.inlinePolicy(resource)),
    "AWS::SNS::Subscription": (resource) => inOneLine(resource, () => resources.subscription(resource)),
  };
}

class SnsResources {
  readonly #options: SnsResourcesOptions;

  constructor(options: SnsResourcesOptions) {
    this.#options = options;
  }

  topic(resource: Resource): Created {
    const { store, topicPolicies } = this.#options;
    const { properties } = resource;
    const isFifo = properties.flag("FifoTopic");
    const name = (isFifo ? fifoName : physicalName)(resource, "TopicName", LONGEST_NAME);
    const attributes = properties.attributes(TOPIC_ATTRIBUTES);
    const arn = topicArnOf(name, account.region);
    const known = store.find(arn);
    const topic = known ?? store.create({ arn, attributes: { ...(isFifo && { FifoTopic: "true" }) }, tags: {} });
    topic.replace(attributes);
    topic.tags.clear();
    for (const tag of properties.groups("Tags")) topic.tags.set(tag.text("Key"), tag.text("Value"));
    if (known) topicPolicies.set(topic, undefined);
    store.save(topic);
    for (const entry of properties.groups("Subscription")) this.#subscribe(topic, entry, resource);
    return created(arn, { TopicArn: arn, TopicName: name });
  }

  topicPolicy(resource: Resource): Created {
    for (const topicArn of resource.properties.list("Topics").map(String)) this.#setPolicy(topicArn, resource);
    return created(resource.logicalId);
  }

  inlinePolicy(resource: Resource): Created {
    this.#setPolicy(resource.properties.text("TopicArn"), resource);
    return created(resource.logicalId);
  }

  subscription(resource: Resource): Created {
    const { logicalId, properties } = resource;
    const topicArn = properties.text("TopicArn");
    const topic = this.#options.store.find(topicArn);
    if (topic) {
      const arn = this.#subscribe(topic, properties, resource);
      return arn === undefined ? created(logicalId) : created(arn, { Arn: arn });
    }
    resource.report(`nothing is delivered: its topic ${topicArn} is not here. Run its stack with this one`);
    return created(logicalId);
  }

  #setPolicy(topicArn: string, resource: Resource): void {
    const { store, policies } = this.#options;
    const document = resource.properties.raw("PolicyDocument");
    policies.setResourcePolicy(topicArn, document, resource);
    const topic = store.find(topicArn);
    if (topic === undefined) return;
    topic.set("Policy", JSON.stringify(document));
    store.save(topic);
  }

  /**
   * Subscribes an endpoint to a topic, or brings its subscription up to date.
   *
   * @param settings protocol, endpoint and attributes of the subscription
   * @returns its ARN; undefined, and reported, where nothing can be delivered here
   */
  #subscribe(topic: Topic, settings: Properties, resource: Resource): string | undefined {
    const { store, onSubscription } = this.#options;
    const protocol = settings.text("Protocol");
    if (!DELIVERED.includes(protocol)) {
      resource.report(`nothing is delivered by ${protocol}: topics deliver to queues, functions and HTTP endpoints alone here`);
      return undefined;
    }
    const endpoint = settings.text("Endpoint");
    if (mustConfirm(protocol) && !isOnThisMachine(endpoint))
      resource.report(`nothing is delivered to ${endpoint}: topics call HTTP endpoints of this machine alone`);
    const attributes = settings.attributes(SUBSCRIPTION_ATTRIBUTES);
    checkEndpoint(protocol, endpoint, topic.isFifo);
    const known = store.subscribed(topic.arn, protocol, endpoint);
    known?.replace(attributes);
    // An endpoint of the templates needs no token: whoever wrote the template agrees.
    const state = { protocol, endpoint, attributes, principal: iamArn("user/administrator") };
    const subscription = known ?? store.subscribe(topic, { ...state, confirmed: true, authenticated: true, ofTemplate: true });
    subscription.isOfTemplate = true;
    store.save(subscription);
    onSubscription(subscription.arn);
    return subscription.arn;
  }
}

/** Says what SNS refuses of a resource as the other faults of templates are said. */
function inOneLine({ logicalId, stack }: Resource, create: () => Created): Created {
  try {
    return create();
  } catch (thrown) {
    if (thrown instanceof AwsError)
      throw new CloudError(`${logicalId} in stack ${stack}: ${thrown.message.replaceAll("\n", "")}`);
    throw thrown;
  }
}
