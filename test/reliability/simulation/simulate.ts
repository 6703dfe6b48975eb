import { parseArgs } from "node:util";
import { loadCode } from "./code.ts";
import { describeCoverage } from "./coverage.ts";
import { FAULT_KINDS, type FaultKind } from "./faults.ts";
import { type Part, PARTS } from "./parts.ts";
import { type Finding, findPlantedBugs, SEEDS_ALLOWED } from "../planted-bugs/find-planted-bugs.ts";
import { runSeeds } from "./run-seeds.ts";
import { replayCommand, shrink } from "./shrink.ts";
import { type Seed, simulate } from "./simulation.ts";
import { Journal } from "./journal.ts";
import type { Failure, Summary } from "./summary.ts";

const HELP = `npm run simulate -- [options]

  --seeds <n>       run so many seeds (1,000)
  --from <seed>     the first of them (1)
  --events <n>      events published in each, roughly (200)
  --part <part>     only the shop's services, "shop", or only generated handlers, "programs"
  --lanes <n>       on so many cores (all of them)
  --journal <file>  note there what is done, and go on from what it says is done
  --shrink          run the first seeds that fail again, each with as few events and faults as can be

  --seed <seed>     replay one seed
  --only <faults>   with these kinds of faults alone, or "none"
  --roots <list>    with these of the producer's events alone, by number: 0,3,17
  --faults <n>      with the first so many faults alone
  --trace           print what happened, line by line

  --planted <n>     look for every planted bug, from n first seeds, and print the median of the seeds that it took`;

/** Failing seeds that are shrunk; more of them seldom tell more. */
const SHRUNK = 5;

/** Milliseconds between two lines on how far a run is. */
const PROGRESS_MILLISECONDS = 10_000;

/** Lines of the trace shown before a violation. */
const TAIL = 30;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    events: { type: "string", default: "200" },
    part: { type: "string" },
    lanes: { type: "string" },
    journal: { type: "string" },
    shrink: { type: "boolean", default: false },
    seed: { type: "string" },
    roots: { type: "string" },
    only: { type: "string" },
    faults: { type: "string" },
    trace: { type: "boolean", default: false },
    planted: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.seed !== undefined) process.exitCode = await replay(wholeNumber("seed", values.seed));
else process.exitCode = values.planted === undefined ? await runMany() : await findAll(wholeNumber("planted", values.planted));

async function runMany(): Promise<number> {
  const count = wholeNumber("seeds", values.seeds);
  const events = wholeNumber("events", values.events);
  const part = partOfSeed(values.part);
  const summary = await runSeeds({
    from: wholeNumber("from", values.from),
    count,
    events,
    ...part,
    ...(values.lanes !== undefined && { lanes: wholeNumber("lanes", values.lanes) }),
    ...(values.journal !== undefined && { journal: new Journal(values.journal) }),
    onProgress: progress(count),
    onFailure: (failure) => console.log(describeFailure(failure, { events, ...part })),
  });
  console.log(describeCoverage(summary).join("\n"));
  console.log(
    `\n${summary.failures.length} of ${summary.seeds} seeds failed: ${summary.failures.map(({ seed }) => seed).join(" ")}`,
  );
  if (values.shrink) await shrinkAll(summary.failures.slice(0, SHRUNK), { events, ...part });
  return summary.failures.length === 0 ? 0 : 1;
}

/** Tells from time to time how far a run is, and how long it will take. */
function progress(count: number): (soFar: Summary) => void {
  let shown = 0;
  let first: { readonly seeds: number; readonly at: number } | undefined;
  return ({ seeds, failures }) => {
    const now = performance.now();
    first ??= { seeds, at: now };
    if (now - shown < PROGRESS_MILLISECONDS) return;
    shown = now;
    const perSecond = ((seeds - first.seeds) * 1_000) / (now - first.at);
    const left = perSecond > 0 ? `, ${perSecond.toFixed(1)}/s, ${Math.ceil((count - seeds) / perSecond / 60)} min left` : "";
    process.stderr.write(`${seeds} of ${count} seeds, ${failures.length} failed${left}\n`);
  };
}

/** What a seed broke first, and how to run it again: one line. */
function describeFailure({ seed, violations: [first] }: Failure, asked: Omit<Seed, "seed">): string {
  return `seed ${seed}: ${first?.invariant}: ${first?.detail} (${replayCommand({ seed, ...asked })})`;
}

async function shrinkAll(failures: readonly Failure[], asked: Omit<Seed, "seed">): Promise<void> {
  const code = await loadCode();
  for (const { seed } of failures) {
    const shrunk = await shrink({ seed, ...asked }, code);
    if (shrunk) console.log(`as small as could be: ${replayCommand(shrunk.seed)}`);
  }
}

async function replay(number: number): Promise<number> {
  const seed: Seed = {
    seed: number,
    events: wholeNumber("events", values.events),
    ...partOfSeed(values.part),
    ...(values.roots !== undefined && { roots: values.roots.split(",").map((text) => wholeNumber("roots", text)) }),
    ...(values.only !== undefined && { only: faultKinds(values.only) }),
    ...(values.faults !== undefined && { most: wholeNumber("faults", values.faults) }),
  };
  const result = await simulate(seed, await loadCode());
  const violation = result.trace.findIndex((line) => line.includes(" VIOLATION "));
  if (values.trace) console.log(result.trace.join("\n"));
  else if (violation >= 0) console.log(result.trace.slice(Math.max(0, violation - TAIL), violation + 1).join("\n"));
  for (const { invariant, detail } of result.violations) console.log(`${invariant}: ${detail}`);
  const fired = [...result.faultsFired].map(([kind, count]) => `${kind} ${count}`).join(", ");
  console.log(`seed ${number}: ${result.events} events, ${result.deliveries} deliveries, faults: ${fired || "none"}`);
  console.log(`trace ${result.hash}, ${result.trace.length} lines; ${result.violations.length} violations`);
  return result.violations.length === 0 ? 0 : 1;
}

async function findAll(starts: number): Promise<number> {
  const found = new Map<string, number[]>();
  for (let start = 0; start < starts; start++) {
    process.stderr.write(`from first seed ${start + 1} of ${starts}\n`);
    const onFound = ({ bug, seeds = Infinity, invariant }: Finding) => {
      process.stderr.write(`${String(seeds).padStart(8)}  ${bug.name}: ${invariant ?? "not found"}\n`);
      found.set(bug.name, [...(found.get(bug.name) ?? []), seeds]);
    };
    await findPlantedBugs({ from: 1 + start * 10_000, events: wholeNumber("events", values.events), onFound });
  }
  const medians = [...found].map(([name, seeds]) => ({ name, seeds: medianOf(seeds) }));
  for (const { name, seeds } of medians) console.log(`${String(seeds).padStart(8)}  ${name}`);
  console.log(`${medians.length} planted bugs, found after ${medianOf(medians.map(({ seeds }) => seeds))} seeds in the median`);
  return medians.every(({ seeds }) => seeds <= SEEDS_ALLOWED) ? 0 : 1;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) fail(`--${option} is "${text}": expected a whole number`);
  return value;
}

function partOfSeed(text: string | undefined): { part?: Part } {
  if (text === undefined) return {};
  const part = PARTS.find((name) => name === text);
  return { part: part ?? fail(`--part is "${text}": expected one of ${PARTS.join(", ")}`) };
}

function faultKinds(text: string): FaultKind[] {
  if (text === "none") return [];
  return text.split(",").map((name) => {
    const kind = FAULT_KINDS.find((known) => known === name);
    return kind ?? fail(`--only names "${name}": expected some of ${FAULT_KINDS.join(", ")}`);
  });
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
