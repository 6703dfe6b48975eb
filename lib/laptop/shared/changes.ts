import { CloudError } from "./errors.ts";

/** Also looked at without a signal, for what ends without one. */
const RECHECK_MILLISECONDS = 25;

/** Lets those who wait for a condition look again whenever something has happened. */
export class Changes {
  readonly #waiting = new Set<() => void>();
  #scheduled = false;

  /** Something happened. Cheap, and many calls in one turn of the event loop make one look. */
  readonly notify = (): void => {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const look of this.#waiting) look();
    });
  };

  /**
   * Resolves once nothing remains.
   *
   * @param remaining what is still going on, a line each
   * @param timeoutMilliseconds how long to wait at the most; absent: for ever
   * @throws CloudError after that time; it says what remains.
   */
  async untilNothing(remaining: () => readonly string[], timeoutMilliseconds?: number): Promise<void> {
    if (remaining().length === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (remaining().length === 0) resolve();
    };
    const giveUp = () =>
      reject(
        new CloudError(`Not settled after ${timeoutMilliseconds} ms: ${remaining().join("; ") || "it has settled just now"}.`),
      );
    this.#waiting.add(look);
    const recheck = setInterval(look, RECHECK_MILLISECONDS);
    const timer = timeoutMilliseconds === undefined ? undefined : setTimeout(giveUp, timeoutMilliseconds);
    try {
      await promise;
    } finally {
      this.#waiting.delete(look);
      clearInterval(recheck);
      clearTimeout(timer);
    }
  }
}
