import type { Code } from "./code.ts";
import type { FaultKind } from "./faults.ts";
import { type Seed, simulate, type SimulationResult } from "./simulation.ts";

/** Runs that a search for a smaller failure may take. */
const RUNS = 300;

/** A failure as small as it could be made. */
export interface Shrunk {
  readonly seed: Seed;
  readonly result: SimulationResult;
}

/** Looks for fewer events and fewer faults that still break the same invariant. Undefined when the seed breaks none. */
export async function shrink(seed: Seed, code: Code): Promise<Shrunk | undefined> {
  const [violation] = (await simulate(seed, code)).violations;
  if (!violation) return undefined;
  const { invariant, part } = violation;
  const failing = { ...seed, part };
  let smallest: Shrunk = { seed: failing, result: await simulate(failing, code) };
  let runs = 0;
  const fails: Try = async (change) => {
    if (runs++ >= RUNS) return false;
    const candidate = { ...smallest.seed, ...change };
    const result = await simulate(candidate, code);
    if (!result.violations.some((violation) => violation.invariant === invariant)) return false;
    smallest = { seed: candidate, result };
    return true;
  };
  for (let before = Infinity; sizeOf(smallest) < before;) {
    before = sizeOf(smallest);
    await shrinkRoots(smallest.seed.roots ?? smallest.result.roots, fails);
    for (const kind of kindsOf(smallest)) await fails({ only: kindsOf(smallest).filter((other) => other !== kind) });
    await shrinkFaults(faultsOf(smallest), fails);
  }
  return smallest;
}

/** Runs the smallest failure so far with a change; true when it still fails, and is the smallest from then on. */
type Try = (change: Partial<Seed>) => Promise<boolean>;

/** Leaves out ever smaller parts of what is published. */
async function shrinkRoots(roots: readonly number[], fails: Try): Promise<void> {
  let kept = roots;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length;) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (fewer.length > 0 && (await fails({ roots: fewer }))) kept = fewer;
      else start += size;
    }
  }
}

async function shrinkFaults(faults: number, fails: Try): Promise<void> {
  let most = faults;
  for (let step = Math.ceil(most / 2); step >= 1; step = Math.floor(step / 2)) {
    while (most - step >= 0 && (await fails({ most: most - step }))) most -= step;
  }
}

function sizeOf(shrunk: Shrunk): number {
  return shrunk.result.events + faultsOf(shrunk) + kindsOf(shrunk).length;
}

function faultsOf({ result }: Shrunk): number {
  return [...result.faultsFired.values()].reduce((sum, count) => sum + count, 0);
}

function kindsOf({ result }: Shrunk): FaultKind[] {
  return [...result.faultsFired.keys()];
}

/** The command that runs a seed again. */
export function replayCommand({ seed, events, part, roots, only, most }: Seed): string {
  const options = [
    `--seed ${seed}`,
    ...(events === undefined ? [] : [`--events ${events}`]),
    ...(part === undefined ? [] : [`--part ${part}`]),
    ...(roots === undefined ? [] : [`--roots ${roots.join(",")}`]),
    ...(only === undefined ? [] : [`--only ${only.length === 0 ? "none" : only.join(",")}`]),
    ...(most === undefined ? [] : [`--faults ${most}`]),
  ];
  return `npm run simulate -- ${options.join(" ")}`;
}
