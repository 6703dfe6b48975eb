import type { SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import type { DeadLetter } from "./letter.ts";
import { type Clock, RateLimiter } from "./rate-limit.ts";
import type { LetterQueue } from "./queues.ts";
import type { Selection } from "./select.ts";
import { type Destination, sendBack } from "./send.ts";
import { type Remove, receiveLetters, type ReceiveOptions } from "./receive.ts";

/** Consecutive letters that cannot be sent before the redrive stops: the cause is then not the letters. */
const FAILURES_IN_A_ROW = 10;

/**
 * What became of a letter: sent back and removed from the dead-letter queue; sent back but not removed; not sent; or, in a dry
 * run, what would be sent.
 */
export type RedriveResult =
  | { readonly letter: DeadLetter; readonly outcome: "sent" | "would be sent" }
  | { readonly letter: DeadLetter; readonly outcome: "not removed" | "not sent"; readonly error: Error };

/** How many letters ended in each way. */
export interface RedriveSummary {
  readonly sent: number;
  readonly wouldBeSent: number;
  readonly notRemoved: number;
  readonly notSent: number;
  /** Letters that arrived during the redrive: they are left for the next one. */
  readonly arrived: number;
  /** Why it ended early. */
  readonly error?: Error;
}

export interface RedriveOptions {
  readonly sqs: Pick<SQSClient, "send">;
  /** The dead-letter queues. */
  readonly from: readonly LetterQueue[];
  /** The service's own queue. */
  readonly to: Destination;
  readonly selection: Selection;
  readonly dryRun?: boolean | undefined;
  /** Letters per second, at most. @default - no limit */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
  readonly onResult: (result: RedriveResult) => void;
  readonly onHidden?: ReceiveOptions["onHidden"];
  readonly clock?: Clock;
}

/**
 * Sends letters back to their service's queue. A letter is deleted only after SQS has confirmed its copy in the service's
 * queue: an interruption in between leaves both, and the service's inbox drops the duplicate.
 */
export async function redriveLetters(options: RedriveOptions): Promise<RedriveSummary> {
  const redrive = new Redrive(options);
  for (const queue of options.from) {
    if (redrive.signal.aborted) break;
    await receiveLetters({ ...options, queue, signal: redrive.signal }, (letters, remove) => redrive.take(letters, remove));
  }
  return redrive.summary;
}

class Redrive {
  readonly #options: RedriveOptions;
  readonly #rateLimiter: RateLimiter;
  readonly #startedAt = Date.now();
  /** Stops the redrive from within. */
  readonly #stop = new AbortController();
  readonly signal: AbortSignal;
  readonly #counts = { sent: 0, "would be sent": 0, "not removed": 0, "not sent": 0, arrived: 0 };
  #failures = 0;
  #error: Error | undefined;

  constructor(options: RedriveOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#rateLimiter = new RateLimiter(options.rate, options.clock);
  }

  get summary(): RedriveSummary {
    const { sent, arrived } = this.#counts;
    return {
      sent,
      arrived,
      wouldBeSent: this.#counts["would be sent"],
      notRemoved: this.#counts["not removed"],
      notSent: this.#counts["not sent"],
      ...(this.#error && { error: this.#error }),
    };
  }

  async take(letters: readonly DeadLetter[], remove: Remove): Promise<void> {
    const { selection, to } = this.#options;
    const chosen = letters.filter((letter) => selection.matches(letter) && !this.#isNew(letter));
    // A FIFO queue keeps the order in which messages are sent.
    await mapLimited(chosen, isFifoName(to.name) ? 1 : BATCH_ENTRIES, async (letter) => {
      if (!this.#options.dryRun) await this.#rateLimiter.wait(this.signal);
      if (this.signal.aborted) return;
      const result = await this.#redrive(letter, remove);
      this.#counts[result.outcome]++;
      this.#options.onResult(result);
    });
  }

  /** A letter that is newer than the redrive may be one that it sent back: sending it again could go on forever. */
  #isNew({ sentAt }: DeadLetter): boolean {
    if (sentAt < this.#startedAt) return false;
    this.#counts.arrived++;
    return true;
  }

  async #redrive(letter: DeadLetter, remove: Remove): Promise<RedriveResult> {
    const { sqs, to, dryRun } = this.#options;
    if (dryRun) return { letter, outcome: "would be sent" };
    try {
      await sendBack(sqs, letter, to);
      this.#failures = 0;
    } catch (thrown) {
      const error = toError(thrown);
      if (++this.#failures === FAILURES_IN_A_ROW) this.#end(error);
      return { letter, outcome: "not sent", error };
    }
    try {
      await remove(letter);
      return { letter, outcome: "sent" };
    } catch (error) {
      return { letter, outcome: "not removed", error: toError(error) };
    }
  }

  #end(error: Error): void {
    this.#error = error;
    this.#stop.abort();
  }
}
