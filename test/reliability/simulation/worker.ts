import { parentPort, workerData } from "node:worker_threads";
import * as v from "valibot";
import { Code } from "./code.ts";
import { PARTS } from "./parts.ts";
import { simulate } from "./simulation.ts";
import { addResult, emptySummary } from "./summary.ts";

/* Runs the seeds that it is told, and answers with their summary. */

const chunk = v.object({ from: v.number(), to: v.number(), events: v.number(), part: v.optional(v.picklist(PARTS)) });
const code = new Code(v.parse(v.string(), workerData));

parentPort?.on("message", (message: unknown) => {
  void run(v.parse(chunk, message));
});

async function run({ from, to, events, part }: v.InferOutput<typeof chunk>): Promise<void> {
  const summary = emptySummary();
  const started = performance.now();
  for (let seed = from; seed < to; seed++) addResult(summary, await simulate({ seed, events, ...(part && { part }) }, code));
  summary.seconds = (performance.now() - started) / 1_000;
  parentPort?.postMessage(summary);
}
