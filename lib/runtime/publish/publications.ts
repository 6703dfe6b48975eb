import type { SNSClient } from "@aws-sdk/client-sns";
import { BATCH_ENTRIES } from "../../contracts/limits.ts";
import { type OutgoingMessage, sendAll, type SendResult } from "./send.ts";

/**
 * How long events wait for those of other records, in milliseconds: as long as handlers of one batch usually lie apart, and
 * less than anybody notices behind SNS, which takes about 100.
 */
const TOGETHER_MILLISECONDS = 25;

/** The events of one record, which wait to be published. */
interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly resolve: (results: SendResult[]) => void;
}

/**
 * Publishes the outgoing events of a batch's records together: one request for up to ten events of a topic, where each record
 * alone would make one. They are sent as soon as nobody is left to wait for, a request is full, or the time above is over.
 */
export class Publications {
  readonly #sns: Pick<SNSClient, "send">;
  /** How many may still have something to publish. */
  #running = 0;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What is sent to FIFO topics: one request after the other, so that none overtakes another. */
  #ordered: Promise<unknown> = Promise.resolve();

  constructor(sns: Pick<SNSClient, "send">) {
    this.#sns = sns;
  }

  /** Runs work that may publish: others wait for it. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#sendIfDue();
    }
  }

  /**
   * Publishes messages, with those of others; called within {@link during}. Never throws; the results are in the order of the
   * messages.
   */
  async publish(messages: readonly OutgoingMessage[]): Promise<SendResult[]> {
    const { promise, resolve } = Promise.withResolvers<SendResult[]>();
    this.#waiting.push({ messages, resolve });
    this.#timer ??= setTimeout(() => this.#send(), TOGETHER_MILLISECONDS);
    this.#running--;
    this.#sendIfDue();
    const results = await promise;
    this.#running++;
    return results;
  }

  #sendIfDue(): void {
    if (this.#waiting.length === 0) return;
    const count = this.#waiting.reduce((sum, { messages }) => sum + messages.length, 0);
    if (this.#running === 0 || count >= BATCH_ENTRIES) this.#send();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    const isOrdered = ({ messages }: Waiting) => messages.some(({ deduplicationId }) => deduplicationId !== undefined);
    const ordered = waiting.filter(isOrdered);
    void this.#sendFor(waiting.filter((each) => !isOrdered(each)));
    if (ordered.length > 0) this.#ordered = this.#ordered.then(() => this.#sendFor(ordered));
  }

  async #sendFor(waiting: readonly Waiting[]): Promise<void> {
    const results = await sendAll(
      this.#sns,
      waiting.flatMap(({ messages }) => messages),
    );
    let from = 0;
    for (const { messages, resolve } of waiting) resolve(results.slice(from, (from += messages.length)));
  }
}
