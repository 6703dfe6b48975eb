import { createHash } from "node:crypto";
import type { Envelope } from "../contracts/envelope.ts";
import type { AnyEventDefinition } from "../contracts/event.ts";
import { SNS_MESSAGE_BYTES } from "../contracts/limits.ts";
import type { ClaimCheck, Upload } from "./claim-check.ts";
import { PermanentError } from "./errors.ts";
import { requireWellFormed } from "./well-formed.ts";

/** An event as a topic takes it. */
export interface EventMessage {
  /** The message attribute that subscriptions filter by. */
  readonly type: string;
  /** The envelope as JSON. */
  readonly body: string;
  /** What keeps its order, on a FIFO topic; whose share it takes, on a standard one. */
  readonly groupId?: string;
  /** What tells a copy, on a FIFO topic. */
  readonly deduplicationId?: string;
}

/** A message, and what has to be done before it may be sent. */
export interface PreparedMessage {
  readonly message: EventMessage;
  /** Puts the event's data where the message says that it lies. */
  readonly upload?: Upload;
}

/** The event is larger than an SNS message may be. */
export class EventTooLargeError extends PermanentError {
  override readonly name = "EventTooLargeError";
}

/** Group and deduplication ids that SNS takes: sns/latest/api/API_Publish, "MessageGroupId". */
const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

/**
 * Makes the message of an event. On a FIFO topic the events of one subject keep their order, and SNS drops a copy that comes
 * within five minutes. On a standard topic an event with a tenant takes part in fair queuing.
 *
 * @throws EventTooLargeError with both figures when it is over SNS's limit; InvalidEventError when a text in it is none.
 */
export function messageOf(definition: AnyEventDefinition, envelope: Envelope): EventMessage {
  return prepareMessage(definition, envelope).message;
}

/** Makes the message of an event as {@link messageOf} does; one that is over SNS's limit leaves its data to the claim check, where the topic allows it. */
export function prepareMessage(definition: AnyEventDefinition, envelope: Envelope, claimCheck?: ClaimCheck): PreparedMessage {
  const { topic } = definition;
  const message = wholeMessage(definition, envelope);
  requireWellFormed(message.body);
  if (claimCheck && topic.largeEvents && sizeOf(message) > SNS_MESSAGE_BYTES) {
    return claimCheck.deposit(topic, envelope, message);
  }
  requireFits(message);
  return { message };
}

function wholeMessage(definition: AnyEventDefinition, envelope: Envelope): EventMessage {
  const { fifo } = definition.topic;
  const group = fifo ? envelope.subject : definition.tenant?.(envelope.data);
  return {
    type: definition.type,
    body: JSON.stringify(envelope),
    ...(group !== undefined && { groupId: asId(group) }),
    ...(fifo && { deduplicationId: asId(envelope.id) }),
  };
}

/** Bytes that SNS counts for a message: its body, and the name, data type and value of its attribute. */
export function sizeOf({ body, type }: Pick<EventMessage, "body" | "type">): number {
  return Buffer.byteLength(body) + "type".length + "String".length + Buffer.byteLength(type);
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

/** The text where SNS takes it as an id, else a hash of it: equal texts, equal ids. */
function asId(text: string): string {
  return ID.test(text) ? text : createHash("sha256").update(text).digest("hex");
}
