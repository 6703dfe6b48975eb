import type { Worker } from "node:worker_threads";
import { memoryLimit } from "./memory-limit.ts";
import { processMemory } from "./process-memory.ts";

/**
 * What V8 may take beyond a function's memory before it gives up by itself. V8 ends a worker in order where its heap grows step by step,
 * but the whole process where a single allocation does not fit. The largest there is, the store of an array, has 1 GiB, and this has room for
 * it. The watch ends the function long before the room is used otherwise.
 */
export const HEADROOM_MEGABYTES = 1_100;

const LOOK_EVERY_MILLISECONDS = 100;

/** Looks at the memory of a worker thread, heap and buffers, for as long as it has something to do. */
export class MemoryWatch {
  readonly limit: number;
  readonly #worker: Worker;
  readonly #isAtRest: () => boolean;
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #woken = false;

  /** `onOver` is called when the worker uses more than `megabytes`, beyond what garbage explains. */
  constructor(worker: Worker, megabytes: number, isAtRest: () => boolean, onOver: () => void) {
    this.limit = memoryLimit(megabytes);
    this.#worker = worker;
    this.#isAtRest = isAtRest;
    this.#onOver = onOver;
    processMemory.watch(this);
    this.wake();
  }

  /** The worker begins to do something. */
  wake(): void {
    this.#woken = true;
    this.#timer ??= setInterval(() => this.#tick(), LOOK_EVERY_MILLISECONDS).unref();
  }

  /** The process as a whole holds more than its functions explain. */
  endUnlessAtRest(): void {
    if (!this.#isAtRest()) this.#onOver();
  }

  end(): void {
    this.#sleep();
    processMemory.forget(this);
  }

  #sleep(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (!this.#woken && this.#isAtRest()) {
      this.#sleep();
      return;
    }
    this.#woken = false;
    processMemory.look();
    if (!this.#looking) void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      const { used_heap_size: heap, external_memory: buffers } = await this.#worker.getHeapStatistics();
      if (heap + buffers > this.limit) this.#onOver();
    } catch {
      // The worker has ended meanwhile.
    } finally {
      this.#looking = false;
    }
  }
}
