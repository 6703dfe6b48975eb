import type { SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { mapLimited } from "../../runtime/concurrency.ts";
import { toError } from "../../runtime/errors.ts";
import type { DeadLetter } from "./letter.ts";
import { type Clock, RateLimiter } from "./rate-limit.ts";
import type { LetterQueue } from "./queues.ts";
import { RedriveHistory } from "./redrive-history.ts";
import type { Selection } from "./select.ts";
import { type Destination, sendBack } from "./send.ts";
import { type Remove, receiveLetters, type ReceiveOptions } from "./receive.ts";

const DAY_MILLISECONDS = 24 * 60 * 60 * 1_000;

/** Consecutive letters that cannot be sent before the redrive stops: the cause is then not the letters. */
const FAILURES_IN_A_ROW = 10;

/**
 * What became of a letter: sent back and removed from the dead-letter queue; sent back but not removed; not sent; or, in a dry
 * run, what would be sent.
 */
export type RedriveResult =
  | { readonly letter: DeadLetter; readonly outcome: "sent" | "would be sent" | "too old" }
  | { readonly letter: DeadLetter; readonly outcome: "not removed" | "not sent"; readonly error: Error };

/** How many letters ended in each way. */
export interface RedriveSummary {
  readonly sent: number;
  readonly wouldBeSent: number;
  readonly notRemoved: number;
  readonly notSent: number;
  /** Letters whose event was sent in this redrive already, and came back or had a copy: they are left for the next one. */
  readonly arrived: number;
  /** Letters of a FIFO group behind one that was not sent: they wait for it. */
  readonly waiting: number;
  /** Letters older than the inbox, which may have forgotten that their event took effect: refused. */
  readonly tooOld: number;
  /** Letters of the queues' count, approximately, that SQS did not hand out. */
  readonly unseen: number;
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
  /** How long the service's inbox remembers an event. */
  readonly inboxDays: number;
  /** The time by AWS's clock, in milliseconds since 1970; see `AwsClock`. */
  readonly now: () => number;
  readonly dryRun?: boolean | undefined;
  /** Letters per second, at most. @default - no limit */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
  readonly onResult: (result: RedriveResult) => void;
  readonly onHidden?: ReceiveOptions["onHidden"];
  readonly onLost?: ReceiveOptions["onLost"];
  readonly clock?: Clock;
}

/**
 * Sends letters back to their service's queue. A letter is deleted only after SQS has confirmed its copy in the service's
 * queue: an interruption in between leaves both, and the service's inbox drops the duplicate. Never throws: the summary says
 * what ended it, after so many letters.
 */
export async function redriveLetters(options: RedriveOptions): Promise<RedriveSummary> {
  const redrive = new Redrive(options);
  for (const queue of options.from) {
    if (redrive.signal.aborted) break;
    await redrive.empty(queue);
  }
  return redrive.summary;
}

class Redrive {
  readonly #options: RedriveOptions;
  readonly #rateLimiter: RateLimiter;
  readonly #history = new RedriveHistory();
  /** FIFO groups with a letter that was not sent. */
  readonly #halted = new Set<string>();
  /** Stops the redrive from within. */
  readonly #stop = new AbortController();
  readonly signal: AbortSignal;
  readonly #counts = { sent: 0, "would be sent": 0, "not removed": 0, "not sent": 0, "too old": 0, arrived: 0, waiting: 0 };
  #unseen = 0;
  #failures = 0;
  #error: Error | undefined;

  constructor(options: RedriveOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#rateLimiter = new RateLimiter(options.rate, options.clock);
  }

  get summary(): RedriveSummary {
    const { sent, arrived, waiting } = this.#counts;
    return {
      sent,
      arrived,
      waiting,
      unseen: this.#unseen,
      tooOld: this.#counts["too old"],
      wouldBeSent: this.#counts["would be sent"],
      notRemoved: this.#counts["not removed"],
      notSent: this.#counts["not sent"],
      ...(this.#error && { error: this.#error }),
    };
  }

  /** Goes through a queue once. */
  async empty(queue: LetterQueue): Promise<void> {
    const options = { ...this.#options, queue, signal: this.signal };
    try {
      this.#unseen += await receiveLetters(options, (letters, remove) => this.#take(letters, remove));
    } catch (error) {
      this.#end(toError(error));
    }
  }

  async #take(letters: readonly DeadLetter[], remove: Remove): Promise<void> {
    const { selection, to, dryRun } = this.#options;
    const chosen = letters.filter((letter) => selection.matches(letter));
    // A FIFO queue keeps the order in which messages are sent.
    await mapLimited(chosen, isFifoName(to.name) ? 1 : BATCH_ENTRIES, async (letter) => {
      const why = this.#whyLeft(letter);
      if (why !== undefined) return void this.#counts[why]++;
      if (!dryRun) await this.#rateLimiter.wait(this.signal);
      if (this.signal.aborted) return;
      const result = await this.#redrive(letter, remove);
      if (result.outcome === "not sent" || result.outcome === "too old") this.#halt(letter);
      this.#counts[result.outcome]++;
      this.#options.onResult(result);
    });
  }

  #whyLeft(letter: DeadLetter): "arrived" | "waiting" | undefined {
    if (this.#history.has(letter)) return "arrived";
    return letter.groupId !== undefined && this.#halted.has(letter.groupId) ? "waiting" : undefined;
  }

  /** On a FIFO queue nothing overtakes a letter that stays behind. */
  #halt({ groupId }: DeadLetter): void {
    if (groupId !== undefined && isFifoName(this.#options.to.name)) this.#halted.add(groupId);
  }

  #isTooOld({ firstSeenAt }: DeadLetter): boolean {
    const { now, inboxDays } = this.#options;
    return firstSeenAt !== undefined && now() - firstSeenAt > inboxDays * DAY_MILLISECONDS;
  }

  async #redrive(letter: DeadLetter, remove: Remove): Promise<RedriveResult> {
    const { sqs, to, dryRun } = this.#options;
    if (this.#isTooOld(letter)) return { letter, outcome: "too old" };
    if (dryRun) return { letter, outcome: "would be sent" };
    this.#history.add(letter);
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
