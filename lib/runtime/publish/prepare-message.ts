import { createHash } from "node:crypto";
import type { Envelope } from "../../contracts/envelope.ts";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import { SNS_MESSAGE_BYTES } from "../../contracts/limits.ts";
import type { ClaimCheck } from "./claim-check.ts";
import { type EventMessage, type PreparedMessage, requireFits, sizeOf } from "./event-message.ts";
import { type PublishedVersion, publishedVersions } from "./published-versions.ts";
import { requireWellFormed } from "./well-formed.ts";

/** Group and deduplication ids that SNS takes: sns/latest/api/API_Publish, "MessageGroupId". */
const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

/**
 * Makes the messages of an event: one for each version in which it is published, the newest first. On a FIFO topic the events of one
 * subject keep their order, and SNS drops a copy published within five minutes. On a standard topic an event with a tenant takes
 * part in fair queuing. The data of a message over SNS's limit goes to the claim check, where there is one and the topic allows it.
 *
 * @throws EventTooLargeError with both figures when it is over the limit; InvalidEventError for half a surrogate pair, or when a
 * downcast makes of the data what the older version refuses.
 */
export function prepareMessages(
  definition: AnyEventDefinition,
  envelope: Envelope,
  claimCheck?: ClaimCheck,
): [PreparedMessage, ...PreparedMessage[]] {
  const [newest, ...older] = publishedVersions(definition, envelope);
  return [prepareMessage(newest, claimCheck), ...older.map((version) => prepareMessage(version, claimCheck))];
}

function prepareMessage(version: PublishedVersion, claimCheck: ClaimCheck | undefined): PreparedMessage {
  const { topic } = version.definition;
  const message = wholeMessage(version);
  requireWellFormed(message.body);
  if (claimCheck && topic.largeEvents && sizeOf(message) > SNS_MESSAGE_BYTES) {
    return claimCheck.deposit(topic, version.envelope, message);
  }
  requireFits(message);
  return { message };
}

function wholeMessage({ definition, envelope, newerVersion }: PublishedVersion): EventMessage {
  const { fifo } = definition.topic;
  const group = fifo ? envelope.subject : definition.tenant?.(envelope.data);
  // SNS would take an older version for a copy of the newer one: they have one id.
  const deduplicationId = [envelope.source, envelope.id, ...(newerVersion === undefined ? [] : [definition.type])];
  return {
    type: definition.type,
    ...(newerVersion !== undefined && { newerVersion }),
    body: JSON.stringify(envelope),
    ...(group !== undefined && { groupId: snsId(group) }),
    ...(fifo && { deduplicationId: snsId(JSON.stringify(deduplicationId)) }),
  };
}

/** The message group or deduplication id of a text: the text itself if SNS takes it as an id, else a hash of it. */
export function snsId(text: string): string {
  return ID.test(text) ? text : createHash("sha256").update(text).digest("hex");
}
