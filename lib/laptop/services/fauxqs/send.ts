import type { MessageAttributes } from "../delivery.ts";
import type { StoredMessage, StoredQueue } from "./fauxqs.ts";

/** A message on its way into a queue. */
export interface QueueMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** Makes fauxqs's form of a message. */
export type CreateMessage = (
  body: string,
  attributes: MessageAttributes,
  delaySeconds: number | undefined,
  groupId: string | undefined,
  deduplicationId: string | undefined,
) => StoredMessage;

/** Puts a message into a queue, by the queue's own rules for delay and copies. */
export function sendTo(
  queue: StoredQueue,
  { body, attributes, groupId, deduplicationId }: QueueMessage,
  create: CreateMessage,
): void {
  const isFifo = queue.isFifo();
  const delaySeconds = Number(queue.attributes["DelaySeconds"]) || undefined;
  const message = create(body, attributes, delaySeconds, groupId, isFifo ? deduplicationId : undefined);
  if (isFifo && deduplicationId !== undefined) {
    if (queue.checkDeduplication(deduplicationId).isDuplicate) return;
    message.sequenceNumber = queue.nextSequenceNumber();
    queue.recordDeduplication(deduplicationId, message.messageId, message.sequenceNumber);
  }
  queue.enqueue(message);
}
