import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ROOT } from "../../../bin/root.ts";
import { type Target, TARGETS } from "../target/target.ts";

/** What a run has seen of a behaviour. */
const outcomeSchema = v.variant("result", [
  v.object({ result: v.literal("pass") }),
  v.object({ result: v.literal("differs"), seen: v.string() }),
  v.object({ result: v.literal("unsupported"), seen: v.string() }),
]);

export type Outcome = v.InferOutput<typeof outcomeSchema>;

/** Outcomes by the ids of behaviours. */
export type Outcomes = ReadonlyMap<string, Outcome>;

const folderOf = (target: Target["name"]) => join(ROOT, ".fanfare", "parity", target);

/** Keeps what a run on a target has seen of a behaviour, in a file of its own: test files run side by side. */
export function keepOutcome(target: Target["name"], behaviour: string, outcome: Outcome): void {
  mkdirSync(folderOf(target), { recursive: true });
  writeFileSync(join(folderOf(target), `${behaviour}.json`), `${JSON.stringify(outcome)}\n`);
}

/** What the last runs on each target have seen; none for a target that has not been run on here. */
export function readOutcomes(): ReadonlyMap<Target["name"], Outcomes> {
  return new Map(TARGETS.map((target) => [target, outcomesOf(target)]));
}

function outcomesOf(target: Target["name"]): Outcomes {
  mkdirSync(folderOf(target), { recursive: true });
  const files = readdirSync(folderOf(target)).filter((file) => file.endsWith(".json"));
  return new Map(
    files.map((file) => [
      file.slice(0, -".json".length),
      v.parse(outcomeSchema, JSON.parse(readFileSync(join(folderOf(target), file), "utf8"))),
    ]),
  );
}
