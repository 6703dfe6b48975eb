import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES, SQS_VISIBILITY_SECONDS } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { type DeadLetter, letterOf } from "./letter.ts";
import type { LetterQueue } from "./queues.ts";

/** Visibility timeout of received letters: this plus the time to go through the queue at the rate below. */
const HOLD_SECONDS = 60;
const LETTERS_PER_SECOND = 20;

/** Concurrent calls that return letters. */
const RELEASES_AT_ONCE = 8;

export interface ReceiveOptions {
  readonly sqs: Pick<SQSClient, "send">;
  readonly queue: LetterQueue;
  /** Stops after the current batch. */
  readonly signal: AbortSignal;
  /** Letters handled per second, if that is limited: letters stay hidden while they wait. */
  readonly rate?: number | undefined;
  /** Called with the number of letters that could not be returned, and for how many seconds at most they stay hidden. */
  readonly onHidden?: ((letters: number, seconds: number) => void) | undefined;
}

/** Deletes a letter from its queue. */
export type Remove = (letter: DeadLetter) => Promise<void>;

/** What SQS says of an entry whose letter is visible already. AWSSimpleQueueService, ChangeMessageVisibility, "Errors" */
const VISIBLE_ALREADY = /MessageNotInflight|ReceiptHandleIsInvalid|InvalidParameterValue/;

/**
 * Receives each letter of a queue once, ten at a time, so that memory does not grow with their bodies. Received letters are
 * hidden from everybody else. At the end, or on an error or the signal, those that were not removed are made visible again at
 * once; if the process is killed, they become visible when their visibility timeout ends.
 *
 * A FIFO queue delivers no letter of a group while an earlier one is hidden: it returns the first ten of each group, and those
 * behind them once these are removed. With about 120,000 letters in flight, a standard queue answers empty although it has more
 * (AWSSimpleQueueService, "Message quotas").
 *
 * Returns how many letters of the queue's count, approximately, were not received, unless the signal aborted.
 */
export async function receiveLetters(
  options: ReceiveOptions,
  handle: (letters: readonly DeadLetter[], remove: Remove) => Promise<void>,
): Promise<number> {
  const { sqs, queue, signal } = options;
  const expected = queue.waiting;
  const seconds = holdSeconds(queue, options.rate);
  const seen = new Set<string>();
  /** Receipt handles of the letters that are not removed, by message id. */
  const held = new Map<string, string>();
  const remove = async ({ messageId, receiptHandle }: DeadLetter): Promise<void> => {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: receiptHandle }));
    held.delete(messageId);
  };
  try {
    while (!signal.aborted) {
      const letters = await receiveBatch(sqs, queue, seconds);
      if (letters.length === 0) return await countUnseen(sqs, queue, expected - seen.size);
      for (const { messageId, receiptHandle } of letters) held.set(messageId, receiptHandle);
      // SQS may deliver a message twice, and delivers one again whose visibility timeout has ended.
      const unseen = letters.filter(({ messageId }) => !seen.has(messageId));
      for (const { messageId } of unseen) seen.add(messageId);
      if (unseen.length > 0) await handle(unseen, remove);
    }
    return 0;
  } finally {
    const hidden = await putBack(sqs, queue, [...held.values()]);
    if (hidden > 0) options.onHidden?.(hidden, seconds);
  }
}

function holdSeconds({ waiting }: LetterQueue, rate = LETTERS_PER_SECOND): number {
  // SQS's count lags: a receive may bring ten where it says none.
  const letters = Math.max(waiting, BATCH_ENTRIES);
  const seconds = HOLD_SECONDS + Math.ceil(letters / Math.min(rate, LETTERS_PER_SECOND));
  return Math.min(seconds, SQS_VISIBILITY_SECONDS);
}

/** Not cancelled by a signal: letters received by then would stay hidden. */
async function receiveBatch(sqs: Pick<SQSClient, "send">, queue: LetterQueue, seconds: number): Promise<DeadLetter[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: BATCH_ENTRIES,
      VisibilityTimeout: seconds,
      WaitTimeSeconds: queue.waitSeconds,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    }),
  );
  return Messages.flatMap((message) => letterOf(message, queue) ?? []);
}

/** How many letters were not received, of those that the queue's count has over what was seen; it may have lagged, so it is asked again. */
async function countUnseen(sqs: Pick<SQSClient, "send">, queue: LetterQueue, missing: number): Promise<number> {
  if (missing <= 0) return 0;
  const command = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["ApproximateNumberOfMessages"] });
  const answer = await sqs.send(command).catch(() => undefined);
  const visible = Number(answer?.Attributes?.["ApproximateNumberOfMessages"] ?? missing);
  return Math.min(missing, visible);
}

/** Makes letters visible again; returns how many could not be. */
async function putBack(sqs: Pick<SQSClient, "send">, queue: LetterQueue, receiptHandles: readonly string[]): Promise<number> {
  // The last one first, so that a FIFO queue never sees a later letter without the earlier ones.
  const handles = receiptHandles.toReversed();
  const batches = Array.from({ length: Math.ceil(handles.length / BATCH_ENTRIES) }, (_, index) =>
    handles.slice(index * BATCH_ENTRIES, (index + 1) * BATCH_ENTRIES),
  );
  const QueueUrl = queue.url;
  const hidden = await mapLimited(batches, isFifoName(queue.name) ? 1 : RELEASES_AT_ONCE, async (batch) => {
    const Entries = batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    try {
      const { Failed = [] } = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      return Failed.filter(({ Code = "" }) => !VISIBLE_ALREADY.test(Code)).length;
    } catch {
      return batch.length;
    }
  });
  return hidden.reduce((sum, count) => sum + count, 0);
}
