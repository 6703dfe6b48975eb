import { setTimeout as pause } from "node:timers/promises";

/** A clock that can be waited on. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
  /** Waits, at the most until the signal. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const machineClock: Clock = {
  now: () => performance.now(),
  pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }).catch(() => {}),
};

/** Lets work begin so many times a second at the most, evenly spread. */
export class Pace {
  readonly #spacing: number;
  readonly #clock: Clock;
  #next = 0;

  /** @param rate per second @default as fast as it goes */
  constructor(rate: number | undefined, clock: Clock = machineClock) {
    this.#spacing = rate === undefined ? 0 : 1_000 / rate;
    this.#clock = clock;
  }

  /** Returns when it is the caller's turn, or the signal aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    if (this.#spacing === 0) return;
    const now = this.#clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#spacing;
    if (at > now) await this.#clock.pause(at - now, signal);
  }
}
