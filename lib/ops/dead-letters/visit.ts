import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES, SQS_VISIBILITY_SECONDS } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { type DeadLetter, letterOf } from "./letter.ts";
import type { LetterQueue } from "./queues.ts";

/** Letters are held for this long and for as long as it takes to look through all of them, at no less than so many a second. */
const HOLD_SECONDS = 60;
const LETTERS_PER_SECOND = 20;

/** Calls at once that hand letters back. */
const RELEASES_AT_ONCE = 8;

/** How to go through a queue's letters. */
export interface VisitOptions {
  readonly sqs: Pick<SQSClient, "send">;
  readonly queue: LetterQueue;
  /** Ends the visit after the batch in hand. */
  readonly signal: AbortSignal;
  /** Letters that are dealt with in a second, where that is limited: what waits for its turn stays hidden meanwhile. */
  readonly rate?: number | undefined;
  /** Told how many letters could not be handed back: they stay hidden for so many seconds at the most. */
  readonly onHidden?: ((letters: number, seconds: number) => void) | undefined;
}

/** Deletes a letter from the queue it lies in. */
export type Remove = (letter: DeadLetter) => Promise<void>;

/**
 * Shows each letter of a queue once, ten at a time, so that memory does not grow with their bodies. While it goes on, the
 * letters seen are hidden from everybody else; in the end, and on an error or the signal, those that were not removed are
 * handed back at once. Somebody who is killed meanwhile leaves them hidden until their time is up, and loses nothing.
 *
 * A FIFO queue hands out no letter of a group while an earlier one is hidden: it shows the first ten of each group, and those
 * behind them as soon as these are removed.
 */
export async function visitLetters(
  options: VisitOptions,
  visit: (letters: readonly DeadLetter[], remove: Remove) => Promise<void>,
): Promise<void> {
  const { sqs, queue, signal } = options;
  const seconds = holdSeconds(queue, options.rate);
  const seen = new Set<string>();
  /** Receipt handles of the letters in hand, by message id. */
  const inHand = new Map<string, string>();
  const remove = async ({ messageId, receiptHandle }: DeadLetter): Promise<void> => {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: receiptHandle }));
    inHand.delete(messageId);
  };
  try {
    while (!signal.aborted) {
      const letters = await receive(sqs, queue, seconds);
      if (letters.length === 0) return;
      for (const { messageId, receiptHandle } of letters) inHand.set(messageId, receiptHandle);
      // SQS may hand a message out twice, and one whose time was up comes again.
      const unseen = letters.filter(({ messageId }) => !seen.has(messageId));
      for (const { messageId } of unseen) seen.add(messageId);
      if (unseen.length > 0) await visit(unseen, remove);
    }
  } finally {
    const hidden = await handBack(sqs, queue, [...inHand.values()]);
    if (hidden > 0) options.onHidden?.(hidden, seconds);
  }
}

function holdSeconds({ waiting }: LetterQueue, rate = LETTERS_PER_SECOND): number {
  const seconds = HOLD_SECONDS + Math.ceil(waiting / Math.min(rate, LETTERS_PER_SECOND));
  return Math.min(seconds, SQS_VISIBILITY_SECONDS);
}

/** Not ended by a signal: what SQS has handed out by then would stay hidden. */
async function receive(sqs: Pick<SQSClient, "send">, queue: LetterQueue, seconds: number): Promise<DeadLetter[]> {
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

/** Makes letters visible again; returns how many could not be, for want of an answer. */
async function handBack(sqs: Pick<SQSClient, "send">, queue: LetterQueue, inHand: readonly string[]): Promise<number> {
  // The last one first, so that a FIFO queue has them in order again whatever it makes of the moments between.
  const handles = inHand.toReversed();
  const batches = Array.from({ length: Math.ceil(handles.length / BATCH_ENTRIES) }, (_, index) =>
    handles.slice(index * BATCH_ENTRIES, (index + 1) * BATCH_ENTRIES),
  );
  const QueueUrl = queue.url;
  const hidden = await mapLimited(batches, isFifoName(queue.name) ? 1 : RELEASES_AT_ONCE, async (batch) => {
    const Entries = batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    try {
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      // An entry that SQS refuses has come back by itself meanwhile.
      return 0;
    } catch {
      return batch.length;
    }
  });
  return hidden.reduce((sum, count) => sum + count, 0);
}
