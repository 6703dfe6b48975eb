import { hash, randomUUID } from "node:crypto";
import { invalidParameter } from "../refusals.ts";
import type { Topic } from "../topics/topic.ts";
import { Deduplication } from "./deduplication.ts";
import { PublishedMessage, type Receipt, type TopicMessage } from "./message.ts";

/** SNS's sequence numbers have 20 digits: sns/latest/api/API_Publish. */
const FIRST_SEQUENCE_NUMBER = 10_000_000_000_000_000_000n;

/** Takes messages for topics as SNS does, and has them delivered. */
export class Publisher {
  readonly #now: () => number;
  readonly #deliver: (published: PublishedMessage) => void;
  /** By the topic's ARN. */
  readonly #taken = new Map<string, Deduplication>();
  #sequence: bigint;

  constructor(now: () => number, deliver: (published: PublishedMessage) => void) {
    this.#now = now;
    this.#deliver = deliver;
    this.#sequence = FIRST_SEQUENCE_NUMBER + BigInt(now()) * 1_000n;
  }

  /** Checks what depends on the topic, and completes the message. @throws AwsError as SNS refuses it */
  accept(topic: Topic, message: TopicMessage): TopicMessage {
    if (!topic.isFifo) {
      if (message.deduplicationId === undefined) return message;
      throw invalidParameter(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
      );
    }
    if (message.groupId === undefined) throw invalidParameter("The MessageGroupId parameter is required for FIFO topics");
    if (message.deduplicationId !== undefined) return message;
    if (topic.attribute("ContentBasedDeduplication")?.toLowerCase() === "true")
      return { ...message, deduplicationId: hash("sha256", message.body) };
    throw invalidParameter(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }

  /** Takes a message that has been accepted, and delivers it to the topic's subscribers. */
  publish(topic: Topic, message: TopicMessage): Receipt {
    topic.published++;
    const receipt: Receipt = { messageId: randomUUID(), ...(topic.isFifo && { sequenceNumber: String(this.#sequence++) }) };
    const earlier = topic.isFifo ? this.#repeats(topic, message, receipt) : undefined;
    if (earlier) return earlier;
    this.#deliver(new PublishedMessage(message, receipt, topic, this.#now()));
    return receipt;
  }

  /** Forgets what a topic that is gone has taken. */
  forget(topicArn: string): void {
    this.#taken.delete(topicArn);
  }

  /** A copy is one within the topic, or within each group where the topic says so: sns/latest/dg/fifo-message-dedup. */
  #repeats(topic: Topic, { groupId = "", deduplicationId = "" }: TopicMessage, receipt: Receipt): Receipt | undefined {
    let taken = this.#taken.get(topic.arn);
    if (taken === undefined) this.#taken.set(topic.arn, (taken = new Deduplication(this.#now)));
    const byGroup = topic.attribute("FifoThroughputScope") === "MessageGroup";
    return taken.repeats(JSON.stringify(byGroup ? [groupId, deduplicationId] : deduplicationId), receipt);
  }
}
