import { PublishBatchCommand, type PublishBatchRequestEntry, type SNSClient } from "@aws-sdk/client-sns";
import { BATCH_ENTRIES, SNS_BATCH_BYTES } from "../../contracts/limits.ts";
import { jitteredPause, mapLimited } from "../concurrency.ts";
import { toError } from "../errors.ts";
import { attributesOf, type EventMessage, sizeOf } from "./event-message.ts";

/** An event on its way to a topic. */
export type OutgoingMessage = EventMessage & { readonly topicArn: string };

/** The result for one message: SNS's message id, or why it was not published. */
export type SendResult = { readonly messageId: string } | { readonly error: Error };

/** SNS did not take an entry. */
class EntryRefusedError extends Error {
  override readonly name = "EntryRefusedError";
  /** Whose fault it is, as the SDK says it of whole calls. */
  readonly $fault: "client" | "server";

  constructor(message: string, $fault: "client" | "server") {
    super(message);
    this.$fault = $fault;
  }
}

/** Attempts at an entry that SNS refused through no fault of the sender, including the first. */
const ATTEMPTS = 4;

/** Longest wait before the second attempt, in milliseconds; doubled for each further one, with full jitter. */
const BACKOFF_MILLISECONDS = 50;

/** Requests in flight at once: enough to hide the round trip, few enough to stay clear of SNS's quota. */
const REQUESTS_AT_ONCE = 8;

/**
 * Publishes messages in batches of up to ten and up to SNS's batch size, and retries only the entries that SNS refused
 * through no fault of the sender. On a FIFO topic no message overtakes an earlier one of its group, and none is sent after
 * one that failed. Never throws; the results are in the order of the messages.
 */
export async function sendAll(sns: Pick<SNSClient, "send">, messages: readonly OutgoingMessage[]): Promise<SendResult[]> {
  const results: Results = new Map();
  /** Why a message of a FIFO group was not published; messages outside a group are all in the first round. */
  const halted = new Map<string | undefined, Error>();
  for (const round of rounds(messages)) {
    const sendable = round.filter((message) => !halted.has(orderKey(message)));
    await mapLimited(batches(sendable), REQUESTS_AT_ONCE, (batch) => sendWithRetries(sns, batch, results));
    for (const message of sendable) {
      const result = results.get(message);
      if (result && "error" in result) halted.set(orderKey(message), result.error);
    }
  }
  const held = (cause: Error | undefined) =>
    new Error("not sent: an earlier event of the same subject was not published", { cause });
  return messages.map((message) => results.get(message) ?? { error: held(halted.get(orderKey(message))) });
}

type Results = Map<OutgoingMessage, SendResult>;

/** Messages that may be sent concurrently: the first of each FIFO group, then the second, and so on. */
function rounds(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const sequences = Map.groupBy(messages, (message) => orderKey(message) ?? message);
  const all: OutgoingMessage[][] = [];
  for (const sequence of sequences.values()) sequence.forEach((message, index) => (all[index] ??= []).push(message));
  return all;
}

/** What messages that must keep their order share; undefined outside a FIFO topic. */
function orderKey({ topicArn, groupId, deduplicationId }: OutgoingMessage): string | undefined {
  return deduplicationId === undefined ? undefined : JSON.stringify([topicArn, groupId]);
}

/** Sends one batch, and again the entries of it that are worth another attempt. */
async function sendWithRetries(
  sns: Pick<SNSClient, "send">,
  batch: readonly OutgoingMessage[],
  results: Results,
): Promise<void> {
  for (const message of batch)
    results.set(message, { error: new EntryRefusedError("SNS gave no answer for this entry", "server") });
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > 1) await jitteredPause(BACKOFF_MILLISECONDS * 2 ** (attempt - 2));
    left = await sendBatch(sns, left, attempt === ATTEMPTS, results);
  }
}

/** Sends one batch, records the results, and returns the entries that are worth another attempt. */
async function sendBatch(
  sns: Pick<SNSClient, "send">,
  batch: readonly OutgoingMessage[],
  last: boolean,
  results: Results,
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
      const text = `SNS refused the entry: ${Code} ${Message ?? ""}`.trim();
      results.set(message, { error: new EntryRefusedError(text, SenderFault ? "client" : "server") });
      if (!SenderFault && !last) again.push(message);
    }
  } catch (error) {
    // The SDK has retried what can be retried: the whole call failed.
    for (const message of batch) results.set(message, { error: toError(error) });
  }
  return again;
}

function toEntry(message: OutgoingMessage, index: number): PublishBatchRequestEntry {
  const { body, groupId, deduplicationId } = message;
  const attributes = Object.entries(attributesOf(message));
  return {
    Id: String(index),
    Message: body,
    MessageAttributes: Object.fromEntries(attributes.map(([name, StringValue]) => [name, { DataType: "String", StringValue }])),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
  };
}

/** Groups messages by topic, in order, into what one request takes. */
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
