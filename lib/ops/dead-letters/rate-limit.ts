import { setTimeout as pause } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since some fixed moment. */
  readonly now: () => number;
  /** Waits, but no longer than the signal. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const machineClock: Clock = {
  now: () => performance.now(),
  pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }).catch(() => {}),
};

/** Limits how often work starts per second, evenly spread. */
export class RateLimiter {
  readonly #spacing: number;
  readonly #clock: Clock;
  #next = 0;

  /** @param rate per second; undefined for no limit */
  constructor(rate: number | undefined, clock: Clock = machineClock) {
    this.#spacing = rate === undefined ? 0 : 1_000 / rate;
    this.#clock = clock;
  }

  /** Returns when the caller may start, or the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#spacing === 0) return;
    const now = this.#clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#spacing;
    if (at > now) await this.#clock.pause(at - now, signal);
  }
}
