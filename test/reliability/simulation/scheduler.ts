/** Something that happens at a time of the virtual clock. */
export interface Scheduled {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * The virtual clock. What is scheduled runs in the order of its time, and at one time in the order in which it was scheduled;
 * after each, every promise that it settled is followed to its end. Nothing waits: the clock leaps to what comes next.
 */
export class Scheduler {
  /** Milliseconds since 1970. */
  now: number;
  #order = 0;
  readonly #heap: Scheduled[] = [];

  constructor(start: number) {
    this.now = start;
  }

  /** Runs `run` after so many milliseconds. */
  after(milliseconds: number, run: () => void): Scheduled {
    const scheduled = { at: this.now + Math.max(0, milliseconds), order: this.#order++, run };
    this.#push(scheduled);
    return scheduled;
  }

  /** Takes back what was scheduled. */
  cancel(scheduled: Scheduled): void {
    scheduled.run = undefined;
  }

  /** Whether nothing is scheduled any more. */
  get isIdle(): boolean {
    return !this.#heap.some(({ run }) => run);
  }

  /** Runs until nothing is scheduled any more, or until the time is reached. @param until milliseconds since 1970 */
  async run(until = Infinity): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const step = (): void => {
      const next = this.#next(until);
      if (!next) return resolve();
      this.now = next.at;
      try {
        next.run?.();
      } catch (error) {
        return reject(error instanceof Error ? error : new Error(String(error)));
      }
      // A tick asked for by a microtask comes after all microtasks: after every promise that this step settled.
      queueMicrotask(() => process.nextTick(step));
    };
    process.nextTick(step);
    await promise;
  }

  #next(until: number): Scheduled | undefined {
    for (let top = this.#heap[0]; top && top.at <= until; top = this.#heap[0]) {
      this.#pop();
      if (top.run) return top;
    }
    return undefined;
  }

  #push(scheduled: Scheduled): void {
    const heap = this.#heap;
    let index = heap.push(scheduled) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(scheduled, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = scheduled;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Scheduled, other: Scheduled): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
