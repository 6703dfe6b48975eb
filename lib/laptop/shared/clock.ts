/** Ends a wait before its time. */
export type Cancel = () => void;

interface Timer {
  /** Epoch milliseconds. */
  readonly due: number;
  readonly work: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Longest delay that setTimeout takes, in milliseconds; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * The time of a laptop cloud: visibility timeouts, delays, retention, retries and schedules go by it. It runs as the machine's clock
 * does until a test sets it forward. What a function does is timed by the machine's clock alone.
 */
export class Clock {
  readonly #timers = new Set<Timer>();
  #ahead = 0;

  /** Epoch milliseconds. */
  readonly now = (): number => Date.now() + this.#ahead;

  /** Does some work once a number of milliseconds has passed. A wait does not keep the process alive. */
  after(milliseconds: number, work: () => void): Cancel {
    const timer: Timer = { due: this.now() + milliseconds, work, handle: undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#end(timer);
  }

  /** Resolves after a number of milliseconds, or at once when the signal aborts. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.after(milliseconds, end);
      signal?.addEventListener("abort", end);
    });
  }

  /**
   * Sets the clock forward by a number of milliseconds; what comes due until then happens now, in its order.
   *
   * @throws what the first piece of work throws that does; all the others are done all the same
   */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`A clock goes forward only: ${milliseconds} ms.`);
    const end = this.now() + milliseconds;
    const failures: unknown[] = [];
    for (let next = this.#first(); next !== undefined && next.due <= end; next = this.#first()) {
      this.#ahead = Math.max(this.#ahead, next.due - Date.now());
      try {
        this.#fire(next);
      } catch (error) {
        failures.push(error);
      }
    }
    this.#ahead = Math.max(this.#ahead, end - Date.now());
    for (const timer of this.#timers) this.#arm(timer);
    if (failures.length > 0) throw failures[0];
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  }

  #arm(timer: Timer): void {
    clearTimeout(timer.handle);
    const left = timer.due - this.now();
    timer.handle = setTimeout(
      // Too early after a very long wait, and at times by a millisecond: setTimeout goes by another clock than Date.
      () => (timer.due > this.now() ? this.#arm(timer) : this.#fire(timer)),
      Math.min(Math.max(left, 0), LONGEST_DELAY),
    ).unref();
  }

  #fire(timer: Timer): void {
    this.#end(timer);
    timer.work();
  }

  #end(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
