import { checkTopicArn, topicArnOf } from "../arns.ts";
import { keptTopicPolicy } from "../delivery-policy.ts";
import { invalidParameter } from "../refusals.ts";
import type { Store } from "../store.ts";
import { checkSubscriptions } from "../topics/message-size.ts";
import { checkTopicAttribute } from "../topics/topic-attributes.ts";
import type { TopicPolicies } from "../topics/topic-policies.ts";
import type { Topic } from "../topics/topic.ts";
import { type Handlers, NOTHING, type SnsCall } from "./handler.ts";
import { page } from "./page.ts";
import { checkTags } from "./tags.ts";

/** sns/latest/api/API_CreateTopic */
const NAME = /^[\w-]{1,256}$/;
const FIFO_NAME = /^[\w-]{1,251}\.fifo$/;
const FIFO_NAME_RULE =
  "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.";

/** The actions on topics and on their attributes. */
export function topicActions(store: Store, policies: TopicPolicies, onDelete: (topicArn: string) => void): Handlers {
  return {
    CreateTopic: ({ input, region }) => {
      const arn = topicArnOf(checkedName(input.text("Name"), isFifo(input.texts("Attributes"))), region);
      const attributes = input.texts("Attributes");
      const tags = input.tags();
      for (const [name, value] of Object.entries(attributes)) checkTopicAttribute(name, value, isFifo(attributes), true);
      const known = store.find(arn);
      checkTags(Object.keys(tags).length);
      if (known) return { TopicArn: sameTopic(known, attributes, tags).arn };
      const topic = store.create({ arn, attributes: kept(attributes), tags });
      if (attributes["Policy"]) policies.set(topic, attributes["Policy"]);
      return { TopicArn: arn };
    },
    DeleteTopic: (call) => {
      const arn = arnOf(call);
      const topic = store.find(arn);
      if (topic) policies.set(topic, undefined);
      store.delete(arn);
      onDelete(arn);
      return NOTHING;
    },
    GetTopicAttributes: (call) => {
      const topic = store.topic(arnOf(call));
      const subscriptions = [...store.subscriptionsOf(topic.arn)];
      const confirmed = subscriptions.filter(({ isConfirmed }) => isConfirmed).length;
      const counts = {
        SubscriptionsConfirmed: String(confirmed),
        SubscriptionsDeleted: String(topic.deleted),
        SubscriptionsPending: String(subscriptions.length - confirmed),
      };
      return { Attributes: { ...topic.shown, ...counts } };
    },
    ListTopics: ({ input, region }) => {
      const ofRegion = store.topics.filter(({ arn }) => arn.split(":")[3] === region);
      const { elements, next } = page(ofRegion, input.optional("NextToken"));
      return { Topics: elements.map(({ arn }) => ({ TopicArn: arn })), ...next };
    },
    SetTopicAttributes: (call) => {
      const topic = store.topic(arnOf(call));
      const name = call.input.text("AttributeName");
      const value = call.input.text("AttributeValue");
      if (name === "Policy") policies.set(topic, value);
      if (name === "MaximumMessageSize") checkSubscriptions(Number(value), [...store.subscriptionsOf(topic.arn)]);
      topic.set(name, value);
      store.save(topic);
      return NOTHING;
    },
  };
}

/** The topic that a call is about. @throws AwsError InvalidParameter */
export function arnOf({ input, region }: SnsCall): string {
  const arn = input.text("TopicArn");
  checkTopicArn(arn, region);
  return arn;
}

function isFifo({ FifoTopic = "false" }: Readonly<Record<string, string>>): boolean {
  return FifoTopic.toLowerCase() === "true";
}

function checkedName(name: string, isFifoTopic: boolean): string {
  if (isFifoTopic && !FIFO_NAME.test(name)) throw invalidParameter(FIFO_NAME_RULE);
  if (!isFifoTopic && !NAME.test(name)) throw invalidParameter("Topic Name");
  return name;
}

function kept(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const { DeliveryPolicy = "", ...others } = attributes;
  const policy = keptTopicPolicy(DeliveryPolicy);
  return { ...others, ...(policy !== undefined && { DeliveryPolicy: policy }) };
}

function sameTopic(known: Topic, attributes: Record<string, string>, tags: Record<string, string>): Topic {
  if (!known.hasAttributes(attributes))
    throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
  if (!known.hasTags(tags)) throw invalidParameter("Tags Reason: Topic already exists with different tags");
  return known;
}
