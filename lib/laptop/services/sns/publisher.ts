import { hash, randomUUID } from "node:crypto";
import type { StoredTopic } from "../fauxqs/fauxqs.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { DeduplicationWindow } from "../../shared/deduplication-window.ts";
import type { Deliveries } from "./deliveries.ts";
import { bodyFor, type PublishedMessage, sizeOf, type TopicMessage } from "./message.ts";

/** Bytes of a message where the topic sets no MaximumMessageSize: general/latest/gr/sns. */
const MESSAGE_BYTES = 256 * 1_024;

/** SNS's sequence numbers have 20 digits: sns/latest/api/API_Publish. */
const FIRST_SEQUENCE_NUMBER = 10_000_000_000_000_000_000n;

/** Told of a message that a topic has taken. */
export type OnPublish = (message: { topic: string; type: string | undefined; bytes: number }) => void;

/** What a publisher is told of its message. */
export type Receipt = Pick<PublishedMessage, "messageId" | "sequenceNumber">;

/** Where topics are kept. */
interface TopicStore {
  getTopic(topicArn: string): StoredTopic | undefined;
}

/** Takes messages for topics as SNS does, and has them delivered. */
export class TopicPublisher {
  readonly #topics: TopicStore;
  readonly #deliveries: Deliveries;
  readonly #onPublish: OnPublish;
  /** What each FIFO topic has taken within the last five minutes, by the topic's ARN. */
  readonly #taken = new Map<string, DeduplicationWindow>();
  #sequence = FIRST_SEQUENCE_NUMBER + BigInt(Date.now());

  constructor(topics: TopicStore, deliveries: Deliveries, onPublish: OnPublish) {
    this.#topics = topics;
    this.#deliveries = deliveries;
    this.#onPublish = onPublish;
  }

  /** The topic of an ARN. @throws AwsError (NotFound) where there is none. */
  topic(topicArn: string): StoredTopic {
    const topic = this.#topics.getTopic(topicArn);
    if (topic === undefined) throw new AwsError("NotFound", "Topic does not exist", 404);
    return topic;
  }

  /** Takes one message, and delivers it to the topic's subscribers. @throws AwsError for what SNS refuses. */
  publish(topic: StoredTopic, given: TopicMessage): Receipt {
    checkMessage(topic, given);
    const isFifo = topic.attributes["FifoTopic"] === "true";
    const message = isFifo ? withKeys(topic, given) : given;
    const receipt: Receipt = { messageId: randomUUID(), ...(isFifo && { sequenceNumber: String(this.#sequence++) }) };
    const type = message.attributes["type"]?.StringValue;
    this.#onPublish({ topic: topic.name, type, bytes: Buffer.byteLength(message.body) });
    if (isFifo && this.#isCopy(topic, message)) return receipt;
    const published = { ...message, ...receipt, topicArn: topic.arn, publishedAt: new Date().toISOString() };
    for (const subscriptionArn of topic.subscriptionArns) this.#deliveries.deliver(published, subscriptionArn);
    return receipt;
  }

  /** A copy is one within the topic, or within each group where the topic says so: sns/latest/dg/fifo-message-dedup. */
  #isCopy({ arn, attributes }: StoredTopic, { groupId = "", deduplicationId = "" }: TopicMessage): boolean {
    const taken = this.#taken.get(arn) ?? new DeduplicationWindow();
    this.#taken.set(arn, taken);
    return attributes["FifoThroughputScope"] === "MessageGroup"
      ? taken.isCopy(groupId, deduplicationId)
      : taken.isCopy(deduplicationId);
  }
}

function checkMessage({ attributes }: StoredTopic, message: TopicMessage): void {
  if (message.body === "") throw invalid("Empty message");
  if (sizeOf(message) > Number(attributes["MaximumMessageSize"] ?? MESSAGE_BYTES)) throw invalid("Message too long");
  if (bodyFor("default", message) === undefined) throw invalid("Message Structure - No default entry in JSON message body");
}

/** A message with the ids that a FIFO topic needs; its deduplication id may come from its body. @throws AwsError where one is missing */
function withKeys({ attributes }: StoredTopic, message: TopicMessage): TopicMessage {
  if (message.groupId === undefined) throw invalid("The MessageGroupId parameter is required for FIFO topics");
  if (message.deduplicationId !== undefined) return message;
  if (attributes["ContentBasedDeduplication"] === "true") return { ...message, deduplicationId: hash("sha256", message.body) };
  throw invalid("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
}

function invalid(reason: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${reason}`);
}
