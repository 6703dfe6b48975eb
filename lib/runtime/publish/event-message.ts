import { SNS_MESSAGE_BYTES } from "../../contracts/limits.ts";
import { PermanentError } from "../errors.ts";

/** An event as a topic takes it. */
export interface EventMessage {
  /** The message attribute that subscriptions filter by. */
  readonly type: string;
  /** The type of the next newer version of the same event, published with this one; an attribute too. @default - none is newer */
  readonly newerVersion?: string;
  /** The envelope as JSON. */
  readonly body: string;
  /** On a FIFO topic, the message group; on a standard topic, the tenant for fair queues. */
  readonly groupId?: string;
  /** On a FIFO topic, the deduplication id. */
  readonly deduplicationId?: string;
}

/** Uploads an event's data to where the event refers to; idempotent. */
export type Upload = (signal?: AbortSignal) => Promise<void>;

/** A message, and the upload that must succeed before it is sent. */
export interface PreparedMessage {
  readonly message: EventMessage;
  readonly upload?: Upload;
}

/** The event is larger than an SNS message may be. */
export class EventTooLargeError extends PermanentError {
  override readonly name = "EventTooLargeError";
}

/** The message attributes that subscriptions filter by, all of the data type String. */
export function attributesOf({ type, newerVersion }: Pick<EventMessage, "type" | "newerVersion">): Record<string, string> {
  return { type, ...(newerVersion !== undefined && { newerVersion }) };
}

/** Bytes that SNS counts for a message: its body, and the name, data type and value of each attribute. */
export function sizeOf(message: Pick<EventMessage, "body" | "type" | "newerVersion">): number {
  const attributes = Object.entries(attributesOf(message)).flat();
  return [message.body, ...attributes].reduce(
    (bytes, text) => bytes + Buffer.byteLength(text),
    (attributes.length / 2) * "String".length,
  );
}

/** @throws EventTooLargeError when SNS would refuse the message for its size. */
export function requireFits(message: EventMessage): void {
  const bytes = sizeOf(message);
  if (bytes > SNS_MESSAGE_BYTES) {
    throw new EventTooLargeError(
      `${message.type} has ${bytes} bytes; SNS takes ${SNS_MESSAGE_BYTES}: publish less, or by a claim check`,
    );
  }
}
