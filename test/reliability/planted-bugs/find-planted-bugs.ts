import { availableParallelism } from "node:os";
import { mapLimited } from "#lib/runtime/concurrency.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";
import { runSeeds } from "../simulation/run-seeds.ts";

/** Seeds within which every planted bug has to be found. */
export const SEEDS_ALLOWED = 1_000;

/** How a planted bug was found. */
export interface Finding {
  readonly bug: PlantedBug;
  /** Seeds that it took; undefined when it was not found. */
  readonly seeds: number | undefined;
  /** The invariant that it broke. */
  readonly invariant: string | undefined;
}

/** Which bugs are looked for, and how. */
export interface BugHunt {
  /** The first seed for each of them. */
  readonly from: number;
  /** Events of a seed. */
  readonly events: number;
  /** @default every planted bug */
  readonly bugs?: readonly PlantedBug[];
  readonly onFound?: (finding: Finding) => void;
}

/** Looks for planted bugs, each from the same first seed on. */
export function findPlantedBugs({ from, events, bugs = PLANTED_BUGS, onFound }: BugHunt): Promise<Finding[]> {
  return mapLimited(bugs, availableParallelism(), async (bug) => {
    const { failures } = await runSeeds({
      from,
      count: SEEDS_ALLOWED,
      events,
      mutations: bug.edits,
      ...(bug.part && { part: bug.part }),
      lanes: 1,
      isEnough: (soFar) => soFar.failures.length > 0,
    });
    const [first] = failures;
    const finding = { bug, seeds: first && first.seed - from + 1, invariant: first?.violations[0]?.invariant };
    onFound?.(finding);
    return finding;
  });
}
