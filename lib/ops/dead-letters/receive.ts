import { DeleteMessageCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES, SQS_VISIBILITY_SECONDS } from "../../contracts/limits.ts";
import type { DeadLetter } from "./letter.ts";
import { putBack } from "./put-back.ts";
import type { LetterQueue } from "./queues.ts";
import { receiveBatch } from "./receive-batch.ts";

/** Visibility timeout of received letters: this plus the time to go through the queue at the rate below. */
const HOLD_SECONDS = 60;
const LETTERS_PER_SECOND = 20;

/** Empty answers, one after the other, after which letters of SQS's count are not there for this command: the count may lag. */
const EMPTY_ANSWERS = 3;

export interface ReceiveOptions {
  readonly sqs: Pick<SQSClient, "send">;
  readonly queue: LetterQueue;
  /** Stops after the current batch. */
  readonly signal: AbortSignal;
  /** Letters handled per second, if that is limited: letters stay hidden while they wait. */
  readonly rate?: number | undefined;
  /** Called with the number of letters that could not be returned, and for how many seconds at most they stay hidden. */
  readonly onHidden?: ((letters: number, seconds: number) => void) | undefined;
  /**
   * Called at the end with the number of letters, at most, that SQS handed out in answers that got lost, and for how many seconds
   * at most nobody sees them.
   */
  readonly onLost?: ((letters: number, seconds: number) => void) | undefined;
}

/** Deletes a letter from its queue. */
export type Remove = (letter: DeadLetter) => Promise<void>;

/** What to do with letters: each call has up to ten. */
export type HandleLetters = (letters: readonly DeadLetter[], remove: Remove) => Promise<void>;

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
export async function receiveLetters(options: ReceiveOptions, handle: HandleLetters): Promise<number> {
  const pass = new Pass(options);
  try {
    return await pass.run(handle);
  } finally {
    await pass.end();
  }
}

/** One way through a queue. */
class Pass {
  readonly #options: ReceiveOptions;
  /** How long the letters that are received next are hidden, in seconds. */
  #hold: number;
  readonly #seen = new Set<string>();
  /** Receipt handles of the letters that are not removed, by message id. */
  readonly #held = new Map<string, string>();
  readonly #removed = new Set<string>();
  #lost = 0;

  constructor(options: ReceiveOptions) {
    this.#options = options;
    this.#hold = holdSeconds(options.queue, options.rate);
  }

  async run(handle: HandleLetters): Promise<number> {
    const { sqs, queue, signal } = this.#options;
    let most = 0;
    for (let empty = 0; !signal.aborted;) {
      const letters = await receiveBatch(sqs, queue, this.#hold, () => this.#lost++);
      if (letters.length > 0) {
        empty = 0;
        await this.#take(letters, handle);
        continue;
      }
      const unseen = await this.#countUnseen();
      most = Math.max(most, unseen);
      if ((unseen === 0 && !this.#holdsGroups) || ++empty === EMPTY_ANSWERS) return this.#holdsGroups ? most : unseen;
    }
    return 0;
  }

  /** Hands back what is not removed. */
  async end(): Promise<void> {
    const { sqs, queue, onHidden, onLost } = this.#options;
    const hidden = await putBack(sqs, queue, [...this.#held.values()]);
    if (hidden > 0) onHidden?.(hidden, this.#hold);
    if (this.#lost > 0) onLost?.(this.#lost * BATCH_ENTRIES, this.#hold);
  }

  async #take(letters: readonly DeadLetter[], handle: HandleLetters): Promise<void> {
    // SQS may deliver a message twice, in one answer too; only the last receipt handle counts.
    const byId = new Map(letters.map((letter) => [letter.messageId, letter]));
    const unseen: DeadLetter[] = [];
    for (const [id, letter] of byId) {
      this.#held.set(id, letter.receiptHandle);
      if (!this.#seen.has(id)) unseen.push(letter);
      this.#seen.add(id);
    }
    // Letters that come back while others are not yet seen would make this endless.
    if (unseen.length < byId.size) this.#hold = Math.min(2 * this.#hold, SQS_VISIBILITY_SECONDS);
    for (const letter of byId.values()) {
      // A server of the queue that was away when the letter was deleted still had it.
      if (this.#removed.has(letter.messageId)) await this.#remove(letter).catch(() => {});
    }
    if (unseen.length > 0) await handle(unseen, (letter) => this.#remove(letter));
  }

  async #remove({ messageId, receiptHandle }: DeadLetter): Promise<void> {
    const { sqs, queue } = this.#options;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: receiptHandle }));
    this.#held.delete(messageId);
    this.#removed.add(messageId);
  }

  /** Whether letters may be behind those that are held: an empty answer of a FIFO queue does not say, and its count alone does. */
  get #holdsGroups(): boolean {
    return isFifoName(this.#options.queue.name) && this.#held.size > 0;
  }

  /** How many letters the queue's count has over what was seen; it may have lagged, so it is asked again. */
  async #countUnseen(): Promise<number> {
    const { sqs, queue } = this.#options;
    const missing = this.#holdsGroups ? Infinity : queue.waiting - this.#seen.size;
    if (missing <= 0) return 0;
    const command = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["ApproximateNumberOfMessages"] });
    const answer = await sqs.send(command).catch(() => undefined);
    const visible = Number(answer?.Attributes?.["ApproximateNumberOfMessages"] ?? Math.max(0, queue.waiting - this.#seen.size));
    return Math.min(missing, visible);
  }
}

function holdSeconds({ waiting }: LetterQueue, rate = LETTERS_PER_SECOND): number {
  // SQS's count lags: a receive may bring ten where it says none.
  const letters = Math.max(waiting, BATCH_ENTRIES);
  const seconds = HOLD_SECONDS + Math.ceil(letters / Math.min(rate, LETTERS_PER_SECOND));
  return Math.min(seconds, SQS_VISIBILITY_SECONDS);
}
