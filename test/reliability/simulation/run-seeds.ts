import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { bundleServices, type Mutation } from "./code.ts";
import type { Part } from "./parts.ts";
import { addSummary, emptySummary, type Summary } from "./summary.ts";

/** Seeds that a worker is given at a time. */
const CHUNK = 10;

/** Which seeds to run. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
  readonly events: number;
  /** Only this part of each. @default all */
  readonly part?: Part;
  /** Bugs planted in the runtime. @default none */
  readonly mutations?: readonly Mutation[];
  /** Workers. @default one per core */
  readonly lanes?: number;
  /** Told after every few seeds. */
  readonly onProgress?: (soFar: Summary) => void;
  /** Looked at before more seeds are started: true ends the run early. */
  readonly isEnough?: (soFar: Summary) => boolean;
}

/** Runs many seeds, on every core. */
export async function runSeeds(range: SeedRange): Promise<Summary> {
  const { from, count, events, part, mutations = [], lanes = availableParallelism(), onProgress, isEnough } = range;
  const bundle = await bundleServices(mutations);
  const summary = emptySummary();
  const end = from + count;
  let next = from;
  const goesOn = () => next < end && !isEnough?.(summary);
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: bundle });
    try {
      for (let size = 1; goesOn(); size = Math.min(CHUNK, size * 2)) {
        const to = Math.min(end, next + size);
        const chunk = { from: next, to, events, part };
        next = to;
        addSummary(summary, await ask(worker, chunk));
        onProgress?.(summary);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  summary.failures.sort((a, b) => a.seed - b.seed);
  return summary;
}

function ask(worker: Worker, chunk: object): Promise<Summary> {
  const { promise, resolve, reject } = Promise.withResolvers<Summary>();
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.postMessage(chunk);
  return promise.finally(() => worker.off("error", reject));
}
