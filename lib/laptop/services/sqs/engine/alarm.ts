import type { Cancel, Clock } from "../../../shared/clock.ts";

/** One timer for whatever comes next, however much that is. */
export class Alarm {
  readonly #clock: Clock;
  readonly #work: () => void;
  #due = Infinity;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, work: () => void) {
    this.#clock = clock;
    this.#work = work;
  }

  /** Goes off at a time, in epoch milliseconds, unless it goes off before anyway; the work then says when it is to go off next. */
  set(due: number): void {
    if (due >= this.#due) return;
    this.#cancel?.();
    this.#due = due;
    this.#cancel = this.#clock.after(Math.max(due - this.#clock.now(), 0), () => {
      this.#due = Infinity;
      this.#work();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#due = Infinity;
  }
}
