import { totalmem } from "node:os";
import { leaveThreadsAtExit } from "../../../shared/leave-now.ts";

/** What the watch of one function's memory has to say to that of all. */
interface Watched {
  /** Bytes that it may hold. */
  readonly limit: number;
  endUnlessAtRest(): void;
}

/** What the watch looks at. */
export interface MemoryFigures {
  /** Bytes of this process that are resident. */
  readonly resident: number;
  /** Those among them that are on the heap of the cloud's own thread, or in its buffers. */
  readonly own: number;
}

/** Memory that neither the cloud's own nor its functions' limits explain, in bytes: more is held where nobody looks. */
const UNEXPLAINED = 1_024 * 1_024 * 1_024;

/** The share of the machine's memory beyond which the cloud ends itself, where ending its functions has not helped. */
const MOST_OF_MACHINE = 0.5;

const LOOK_EVERY_MILLISECONDS = 250;

/** How long memory may take to be free again after functions have been ended. */
const PAUSE_MILLISECONDS = 2_000;

/**
 * Looks at the memory of the whole process, for what a look at each function misses: threads that functions start, and WebAssembly that
 * shares memory. Where there is too much of it, whatever runs at that moment is ended: better than the machine.
 */
export class ProcessMemory {
  readonly #figures: () => MemoryFigures;
  readonly #now: () => number;
  readonly #leave: () => void;
  readonly #watched = new Set<Watched>();
  #next = 0;
  /** Unexplained memory that stayed when functions had been ended, as threads that cannot be ended hold it: no fault of those that run. */
  #stayed = 0;
  #hasEnded = false;

  constructor(figures = figuresOfProcess, now = () => performance.now(), leave = leaveForMemory) {
    this.#figures = figures;
    this.#now = now;
    this.#leave = leave;
  }

  watch(watched: Watched): void {
    this.#watched.add(watched);
  }

  forget(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** Called as often as somebody likes. */
  look(): void {
    const now = this.#now();
    if (now < this.#next) return;
    this.#next = now + LOOK_EVERY_MILLISECONDS;
    const { resident, own } = this.#figures();
    const unexplained = [...this.#watched].reduce((rest, { limit }) => rest - limit, resident - own);
    this.#stayed = this.#hasEnded ? Math.max(0, unexplained) : Math.min(this.#stayed, Math.max(0, unexplained));
    this.#hasEnded = false;
    if (this.#stayed > totalmem() * MOST_OF_MACHINE) this.#leave();
    if (unexplained - this.#stayed < UNEXPLAINED) return;
    this.#next = now + PAUSE_MILLISECONDS;
    this.#hasEnded = true;
    for (const watched of this.#watched) watched.endUnlessAtRest();
  }
}

function figuresOfProcess(): MemoryFigures {
  const { rss, heapTotal, external } = process.memoryUsage();
  return { resident: rss, own: heapTotal + external };
}

function leaveForMemory(): void {
  process.stderr.write(
    "fanfare: a function's thread that cannot be ended holds half of this machine's memory: the laptop cloud ends before the machine does\n",
  );
  leaveThreadsAtExit();
  process.exit(1);
}

export const processMemory = new ProcessMemory();
