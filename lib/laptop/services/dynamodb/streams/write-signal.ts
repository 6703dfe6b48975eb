/** Looked at again after this time also where no write was seen: another DynamoDB may be written to past the gateway. */
const RECHECK_MILLISECONDS = 1_000;

/** Counts the calls that may have changed a table, and wakes those who read its stream. */
export class WriteSignal {
  readonly #waiting = new Set<() => void>();
  #count = 0;

  /** Writes so far. */
  get count(): number {
    return this.#count;
  }

  /** A write was answered. */
  record(): void {
    this.#count += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when there were more writes than `count`, after a second, or when the signal aborts. */
  async beyond(count: number, signal: AbortSignal): Promise<void> {
    if (this.#count > count || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RECHECK_MILLISECONDS);
    this.#waiting.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }
}
