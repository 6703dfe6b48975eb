import type { SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import type { DeadLetter } from "./letter.ts";
import { type Clock, Pace } from "./pace.ts";
import type { LetterQueue } from "./queues.ts";
import type { Selection } from "./select.ts";
import { type Destination, sendBack } from "./send.ts";
import { type Remove, visitLetters, type VisitOptions } from "./visit.ts";

/** Letters that cannot be sent one after the other, before the cause is taken to lie elsewhere than in the letters. */
const FAILURES_IN_A_ROW = 10;

/**
 * What became of a letter: sent back and gone from the dead-letter queue; sent back, but still there too; still there alone;
 * or, in a dry run, to be sent.
 */
export type RedriveResult =
  | { readonly letter: DeadLetter; readonly outcome: "sent" | "would be sent" }
  | { readonly letter: DeadLetter; readonly outcome: "not removed" | "not sent"; readonly error: Error };

/** How many letters ended how. */
export interface RedriveSummary {
  readonly sent: number;
  readonly wouldBeSent: number;
  readonly notRemoved: number;
  readonly notSent: number;
  /** Letters that came while the redrive went on: they are left for the next one. */
  readonly arrived: number;
  /** Why it ended early. */
  readonly error?: Error;
}

export interface RedriveOptions {
  readonly sqs: Pick<SQSClient, "send">;
  /** The queues that the letters lie in. */
  readonly from: readonly LetterQueue[];
  /** The service's own queue. */
  readonly to: Destination;
  readonly selection: Selection;
  readonly dryRun?: boolean | undefined;
  /** Letters per second at the most. @default as fast as it goes */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
  readonly onResult: (result: RedriveResult) => void;
  readonly onHidden?: VisitOptions["onHidden"];
  readonly clock?: Clock;
}

/**
 * Sends letters back to the queue of their one service. A letter is deleted only when SQS has answered that its copy is in
 * the service's queue: what ends the work in between leaves both, and the service's inbox drops the one too many.
 */
export async function redriveLetters(options: RedriveOptions): Promise<RedriveSummary> {
  const redrive = new Redrive(options);
  for (const queue of options.from) {
    if (redrive.signal.aborted) break;
    await visitLetters({ ...options, queue, signal: redrive.signal }, (letters, remove) => redrive.take(letters, remove));
  }
  return redrive.summary;
}

class Redrive {
  readonly #options: RedriveOptions;
  readonly #pace: Pace;
  readonly #startedAt = Date.now();
  /** Ends the work from within. */
  readonly #stop = new AbortController();
  readonly signal: AbortSignal;
  readonly #counts = { sent: 0, "would be sent": 0, "not removed": 0, "not sent": 0, arrived: 0 };
  #failures = 0;
  #error: Error | undefined;

  constructor(options: RedriveOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#pace = new Pace(options.rate, options.clock);
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
      if (!this.#options.dryRun) await this.#pace.turn(this.signal);
      if (this.signal.aborted) return;
      const result = await this.#redrive(letter, remove);
      this.#counts[result.outcome]++;
      this.#options.onResult(result);
    });
  }

  /** What has died since the work began may be what it has sent back: to send it again would go on for ever. */
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
