import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { bundleServices, type Mutation } from "./code.ts";
import { chunksLeft, type Journal } from "./journal.ts";
import type { Part } from "./parts.ts";
import { addSummary, emptySummary, type Failure, type Summary } from "./summary.ts";

/** Seeds that a worker is given at a time, at most; the first chunks are smaller, for runs that end early. */
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
  /** Where to note what is done; what it says is done is not run again. @default nowhere */
  readonly journal?: Journal;
  /** Told after every few seeds. */
  readonly onProgress?: (soFar: Summary) => void;
  /** Told of each seed that breaks an invariant. */
  readonly onFailure?: (failure: Failure) => void;
  /** Looked at before more seeds are started: true ends the run early. */
  readonly isEnough?: (soFar: Summary) => boolean;
}

/** Runs many seeds, on every core. */
export async function runSeeds(range: SeedRange): Promise<Summary> {
  const { from, count, events, part, mutations = [], lanes = availableParallelism(), journal } = range;
  const bundle = await bundleServices(mutations);
  const { done, summary } = journal?.read() ?? { done: [], summary: emptySummary() };
  const chunks = chunksLeft({ from, to: from + count }, done, (number) => Math.min(CHUNK, 2 ** Math.floor(number / lanes)));
  const next = () => (range.isEnough?.(summary) ? undefined : chunks.shift());
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: bundle });
    try {
      for (let chunk = next(); chunk; chunk = next()) {
        const found = await ask(worker, { ...chunk, events, part });
        journal?.note(chunk, found);
        addSummary(summary, found);
        for (const failure of found.failures) range.onFailure?.(failure);
        range.onProgress?.(summary);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, chunks.length) }, lane));
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
