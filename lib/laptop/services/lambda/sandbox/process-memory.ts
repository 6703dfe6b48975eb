/** What the watch of one function's memory has to say to that of all. */
interface Watched {
  /** Bytes that it may hold. */
  readonly limit: number;
  endUnlessAtRest(): void;
}

/** Resident memory of this process that neither its own heap nor its functions' limits explain, in bytes: more is held where nobody looks. */
const UNEXPLAINED = 1_024 * 1_024 * 1_024;

const LOOK_EVERY_MILLISECONDS = 250;

/** How long memory may take to be free again after functions have been ended. */
const PAUSE_MILLISECONDS = 2_000;

/**
 * Looks at the memory of the whole process, for what a look at each function misses: threads that functions start, and WebAssembly that
 * shares memory. Where there is too much of it, whatever runs at that moment is ended: better than the machine.
 */
class ProcessMemory {
  readonly #watched = new Set<Watched>();
  #next = 0;

  watch(watched: Watched): void {
    this.#watched.add(watched);
  }

  forget(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** Called as often as somebody likes. */
  look(): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + LOOK_EVERY_MILLISECONDS;
    const { rss, heapTotal, external } = process.memoryUsage();
    const explained = [...this.#watched].reduce((sum, { limit }) => sum + limit, heapTotal + external);
    if (rss - explained < UNEXPLAINED) return;
    this.#next = now + PAUSE_MILLISECONDS;
    for (const watched of this.#watched) watched.endUnlessAtRest();
  }
}

export const processMemory = new ProcessMemory();
