import { createHash } from "node:crypto";
import type { Envelope } from "../../contracts/envelope.ts";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import { SNS_MESSAGE_BYTES } from "../../contracts/limits.ts";
import type { ClaimCheck } from "./claim-check.ts";
import { type EventMessage, type PreparedMessage, requireFits, sizeOf } from "./event-message.ts";
import { requireWellFormed } from "./well-formed.ts";

/** Group and deduplication ids that SNS takes: sns/latest/api/API_Publish, "MessageGroupId". */
const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

/**
 * Makes the message of an event. On a FIFO topic the events of one subject keep their order, and SNS drops a copy published
 * within five minutes. On a standard topic an event with a tenant takes part in fair queuing. The data of a message over
 * SNS's limit goes to the claim check, where there is one and the topic allows it.
 *
 * @throws EventTooLargeError with both figures when it is over the limit; InvalidEventError for half a surrogate pair.
 */
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
    ...(group !== undefined && { groupId: messageGroupId(group) }),
    ...(fifo && { deduplicationId: asId(envelope.id) }),
  };
}

/** The message group of the events of a subject, or of a tenant: the text itself, or a hash of one that SNS does not take. */
export function messageGroupId(subject: string): string {
  return asId(subject);
}

/** The text if SNS takes it as an id, else a hash of it: equal texts, equal ids. */
function asId(text: string): string {
  return ID.test(text) ? text : createHash("sha256").update(text).digest("hex");
}
