import { beforeAbort } from "./lambda/deadline.ts";

/**
 * Lets the events of one subject run one after the other: side by side they would read the same items, and all but the first
 * would conflict and run again.
 */
export class Turns {
  readonly #signal: AbortSignal;
  readonly #lasts = new Map<string, Promise<unknown>>();

  /** @param signal ends the waiting */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * Runs the work after that of the same subject which came before, however that ended.
   *
   * @throws HandlerTimeoutError when the time is up before its turn; whatever the work throws.
   */
  async take<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#lasts.get(subject);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#lasts.set(subject, done);
    try {
      if (before) await beforeAbort(this.#signal, "an earlier event of the same subject was not handled", () => before);
      return await work();
    } finally {
      resolve();
    }
  }
}
