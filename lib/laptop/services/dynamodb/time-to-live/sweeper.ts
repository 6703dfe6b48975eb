import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { TimeToLive } from "./time-to-live.ts";

const INTERVAL_MILLISECONDS = 60_000;

/** Sweeps expired items once a minute, when there is anything to do. */
export class Sweeper {
  readonly #timeToLive: TimeToLive;
  readonly #clock: Clock;
  #writtenSince = true;
  #sweeping = false;
  #cancel: Cancel | undefined;

  constructor(timeToLive: TimeToLive, clock: Clock) {
    this.#timeToLive = timeToLive;
    this.#clock = clock;
  }

  start(): void {
    this.#cancel = this.#clock.after(INTERVAL_MILLISECONDS, () => {
      void this.#sweepIfDue();
      this.start();
    });
  }

  /** A table may have been written to. */
  noteWrite(): void {
    this.#writtenSince = true;
  }

  stop(): void {
    this.#cancel?.();
  }

  async #sweepIfDue(): Promise<void> {
    if (this.#sweeping || (!this.#writtenSince && !this.#timeToLive.due)) return;
    this.#sweeping = true;
    this.#writtenSince = false;
    // The next minute brings another sweep; a dead engine is reported by the cloud itself.
    await this.#timeToLive.sweep().catch(() => this.noteWrite());
    this.#sweeping = false;
  }
}
