import type { Cancel, Clock } from "../../../shared/clock.ts";

/** A receive that waits for messages: a long poll. */
export interface Wait<T> {
  /** Infinity for one that only its signal ends. */
  readonly milliseconds: number;
  /** Aborts when whoever waits has gone. */
  readonly signal: AbortSignal;
  /** It is served once all that has arrived by now is heard: the end of its connection may be among that. */
  readonly mayHangUp: boolean;
  /** Takes what there is for it by now. */
  readonly take: () => readonly T[];
}

interface Waiting<T> extends Wait<T> {
  readonly resolve: (taken: readonly T[]) => void;
  readonly leave: () => void;
  cancel: Cancel | undefined;
}

/** Receives that wait, first come first served. */
export class WaitingReceives<T> {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting<T>>();
  #immediate: NodeJS.Immediate | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with what the receive gets; with nothing once its time is over or its signal aborts. */
  wait(wait: Wait<T>): Promise<readonly T[]> {
    return new Promise((resolve) => {
      const leave = (): void => this.#end(waiting, []);
      const waiting: Waiting<T> = { ...wait, resolve, leave, cancel: undefined };
      if (wait.milliseconds !== Infinity) waiting.cancel = this.#clock.after(wait.milliseconds, leave);
      wait.signal.addEventListener("abort", leave);
      this.#waiting.add(waiting);
    });
  }

  /** Messages may have become ready: hands them out. A receive for which there are none after all keeps waiting. */
  serve(): void {
    if (!this.#waiting.values().some(({ mayHangUp }) => mayHangUp)) return this.#serveAll();
    // Connections are read in one phase of the event loop, and closed in one behind that of the first immediate.
    this.#immediate ??= setImmediate(() => {
      this.#immediate = setImmediate(() => {
        this.#immediate = undefined;
        this.#serveAll();
      });
    });
  }

  #serveAll(): void {
    for (const waiting of this.#waiting) {
      const taken = waiting.take();
      if (taken.length === 0) return;
      this.#end(waiting, taken);
    }
  }

  /** Ends every wait, with nothing. */
  endAll(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    for (const waiting of this.#waiting) this.#end(waiting, []);
  }

  #end(waiting: Waiting<T>, taken: readonly T[]): void {
    this.#waiting.delete(waiting);
    waiting.cancel?.();
    waiting.signal.removeEventListener("abort", waiting.leave);
    waiting.resolve(taken);
  }
}
