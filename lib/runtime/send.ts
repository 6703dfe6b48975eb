import { PublishBatchCommand, type PublishBatchRequestEntry, type SNSClient } from "@aws-sdk/client-sns";
import { BATCH_ENTRIES, SNS_BATCH_BYTES, SNS_MESSAGE_BYTES } from "../contracts/limits.ts";
import { jitteredPause, mapLimited } from "./concurrency.ts";
import { PermanentError, toError } from "./errors.ts";
import { requireWellFormed } from "./well-formed.ts";

/** An event on its way to a topic: the envelope as JSON, and the type that subscriptions filter by. */
export interface OutgoingMessage {
  readonly topicArn: string;
  readonly type: string;
  readonly body: string;
}

/** What became of one message: SNS's id for it, or why it was not published. */
export type SendResult = { readonly messageId: string } | { readonly error: Error };

/** The event is larger than an SNS message may be. */
export class EventTooLargeError extends PermanentError {
  override readonly name = "EventTooLargeError";
}

/** Attempts at an entry that SNS refused for a reason of its own, the first included. */
const ATTEMPTS = 4;

/** Longest wait before the second attempt, in milliseconds; doubled for each further one, with full jitter. */
const BACKOFF_MILLISECONDS = 50;

/** Requests under way at once: enough to hide the way to SNS and back, few enough to stay clear of its quota. */
const REQUESTS_AT_ONCE = 8;

/** Bytes that SNS counts for a message: its body, and the name, data type and value of its attribute. */
export function sizeOf({ body, type }: Pick<OutgoingMessage, "body" | "type">): number {
  return Buffer.byteLength(body) + "type".length + "String".length + Buffer.byteLength(type);
}

/**
 * Checks that SNS will take the message, and that it can be kept by those who receive it.
 *
 * @throws EventTooLargeError with both figures when it is over the limit; InvalidEventError when a text in it is none.
 */
export function requireSendable(message: Pick<OutgoingMessage, "body" | "type">): void {
  const bytes = sizeOf(message);
  if (bytes > SNS_MESSAGE_BYTES) {
    throw new EventTooLargeError(
      `${message.type} has ${bytes} bytes; SNS takes ${SNS_MESSAGE_BYTES}: publish less, or a reference`,
    );
  }
  requireWellFormed(message.body);
}

/**
 * Publishes messages in batches of ten and of SNS's batch size, and tries again only those entries that SNS refused for a
 * reason of its own. Never throws: the results stand in the order of the messages.
 */
export async function sendAll(sns: Pick<SNSClient, "send">, messages: readonly OutgoingMessage[]): Promise<SendResult[]> {
  const results = new Map<OutgoingMessage, SendResult>();
  await mapLimited(batches(messages), REQUESTS_AT_ONCE, async (batch) => {
    let left = batch;
    for (let attempt = 1; left.length > 0; attempt++) {
      if (attempt > 1) await jitteredPause(BACKOFF_MILLISECONDS * 2 ** (attempt - 2));
      left = await sendBatch(sns, left, attempt === ATTEMPTS, results);
    }
  });
  return messages.map((message) => results.get(message) ?? { error: new Error("SNS gave no answer for this entry") });
}

/** Sends one batch, notes what is settled, and returns the entries that are worth another attempt. */
async function sendBatch(
  sns: Pick<SNSClient, "send">,
  batch: readonly OutgoingMessage[],
  last: boolean,
  results: Map<OutgoingMessage, SendResult>,
): Promise<OutgoingMessage[]> {
  const again: OutgoingMessage[] = [];
  try {
    const answer = await sns.send(
      new PublishBatchCommand({ TopicArn: batch[0]!.topicArn, PublishBatchRequestEntries: batch.map(toEntry) }),
    );
    for (const { Id, MessageId } of answer.Successful ?? []) {
      const message = batch[Number(Id)];
      if (message && MessageId) results.set(message, { messageId: MessageId });
    }
    for (const { Id, Code, Message, SenderFault } of answer.Failed ?? []) {
      const message = batch[Number(Id)];
      if (!message) continue;
      results.set(message, { error: new Error(`SNS refused the entry: ${Code} ${Message ?? ""}`.trim()) });
      if (!SenderFault && !last) again.push(message);
    }
  } catch (error) {
    // The SDK has retried what can be retried: the whole call failed.
    for (const message of batch) results.set(message, { error: toError(error) });
  }
  return again;
}

function toEntry({ body, type }: OutgoingMessage, index: number): PublishBatchRequestEntry {
  return { Id: String(index), Message: body, MessageAttributes: { type: { DataType: "String", StringValue: type } } };
}

/** Groups messages by topic, ten and one request's size at the most together, in order. */
function batches(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const all: OutgoingMessage[][] = [];
  const open = new Map<string, { entries: OutgoingMessage[]; bytes: number }>();
  for (const message of messages) {
    const bytes = sizeOf(message);
    let batch = open.get(message.topicArn);
    if (!batch || batch.entries.length === BATCH_ENTRIES || batch.bytes + bytes > SNS_BATCH_BYTES) {
      batch = { entries: [], bytes: 0 };
      open.set(message.topicArn, batch);
      all.push(batch.entries);
    }
    batch.entries.push(message);
    batch.bytes += bytes;
  }
  return all;
}
