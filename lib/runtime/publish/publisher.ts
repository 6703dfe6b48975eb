import { SNSClient } from "@aws-sdk/client-sns";
import { createEnvelope, type EnvelopeOptions } from "../../contracts/envelope.ts";
import type { AnyEventDefinition, DataOf } from "../../contracts/event.ts";
import type { ClaimCheck } from "./claim-check.ts";
import type { Upload } from "./event-message.ts";
import { prepareMessages } from "./prepare-message.ts";
import { type OutgoingMessage, sendAll, type SendResult } from "./send.ts";

/** One event to publish. Made by {@link toPublish}, which types the data by the event's contract. */
export interface EventToPublish extends Omit<EnvelopeOptions, "source"> {
  readonly event: AnyEventDefinition;
  readonly data: unknown;
}

/** The result for one event: SNS's message id, or why it was not published. */
export type PublishResult =
  | { readonly status: "published"; readonly eventId: string; readonly messageId: string }
  | { readonly status: "failed"; readonly eventId: string; readonly error: Error };

/** Publishes events to their topics. */
export interface Publisher {
  /** Publishes one event. @throws the error of the failed event; see {@link Publisher.publishAll} */
  publish<Definition extends AnyEventDefinition>(
    event: Definition,
    data: DataOf<Definition>,
    options?: Omit<EnvelopeOptions, "source">,
  ): Promise<Extract<PublishResult, { status: "published" }>>;
  /**
   * Publishes many events, in batches; the results are in the order of the events.
   *
   * @throws InvalidEventError when one breaks its contract, EventTooLargeError when one is over SNS's limit, the
   * SDK's error when the data of a large one could not be uploaded to S3. Nothing is sent then.
   */
  publishAll(events: readonly EventToPublish[]): Promise<PublishResult[]>;
}

export interface PublisherOptions {
  /** Every event's `source`. */
  readonly source: string;
  /** ARN of each topic, by the topic's name. */
  readonly topicArns: ReadonlyMap<string, string>;
  /** @default - a client with the default region and credentials */
  readonly sns?: Pick<SNSClient, "send">;
  /** For topics with `largeEvents`: `s3ClaimCheck({ bucket })`. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}

/** An event for {@link Publisher.publishAll}, its data typed by its contract. */
export function toPublish<Definition extends AnyEventDefinition>(
  event: Definition,
  data: DataOf<Definition>,
  options: Omit<EnvelopeOptions, "source"> = {},
): EventToPublish {
  return { event, data, ...options };
}

interface WrappedEvent {
  readonly eventId: string;
  /** One for each version in which the event is published, the newest first. */
  readonly messages: readonly [OutgoingMessage, ...OutgoingMessage[]];
  readonly uploads: readonly Upload[];
}

/** A typed publisher for producers. A service emits through its unit of work instead, so that its events are committed with its state. */
export function createPublisher({ source, topicArns, sns = new SNSClient({}), claimCheck }: PublisherOptions): Publisher {
  const wrap = ({ event, data, ...options }: EventToPublish): WrappedEvent => {
    const topicArn = topicArns.get(event.topic.name);
    if (!topicArn) throw new Error(`no ARN is known for the topic "${event.topic.name}" of ${event.type}`);
    const envelope = createEnvelope(event, data, { source, ...options });
    const [newest, ...older] = prepareMessages(event, envelope, claimCheck);
    return {
      eventId: envelope.id,
      messages: [{ topicArn, ...newest.message }, ...older.map(({ message }) => ({ topicArn, ...message }))],
      uploads: [newest, ...older].flatMap(({ upload }) => upload ?? []),
    };
  };
  const publishAll = async (events: readonly EventToPublish[]): Promise<PublishResult[]> => {
    const wrapped = events.map(wrap);
    await Promise.all(wrapped.flatMap(({ uploads }) => uploads).map((upload) => upload()));
    const messages = wrapped.flatMap((event) => event.messages);
    const sent = await sendAll(sns, messages);
    const results = new Map(messages.map((message, index) => [message, sent[index]!]));
    return wrapped.map((event) => resultOf(event, results));
  };
  return {
    publishAll,
    async publish(event, data, options) {
      const [result] = await publishAll([toPublish(event, data, options)]);
      if (result?.status !== "published") throw result?.error ?? new Error(`${event.type} was not published`);
      return result;
    },
  };
}

/** An event is published when all of its versions are; its message id is the newest one's. */
function resultOf({ eventId, messages }: WrappedEvent, results: ReadonlyMap<OutgoingMessage, SendResult>): PublishResult {
  const [newest, ...older] = messages.map((message) => results.get(message)!);
  const failed = [newest!, ...older].find((result) => "error" in result);
  if (failed) return { status: "failed", eventId, error: failed.error };
  return { status: "published", eventId, messageId: "messageId" in newest! ? newest.messageId : "" };
}
