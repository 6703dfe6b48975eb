import type { Violation } from "./checks/report.ts";
import type { Watcher } from "./cloud/watcher.ts";
import type { FaultLimits } from "./faults.ts";
import type { World } from "./world.ts";

/** The parts of a seed, each an account of its own: the shop's services, and handlers that the seed makes up. */
export const PARTS = ["shop", "programs"] as const;

export type Part = (typeof PARTS)[number];

/** What to simulate of a part. */
export interface PartOfSeed extends FaultLimits {
  readonly seed: number;
  /** Events published, roughly. */
  readonly events: number;
  /** Which of the events that the producer publishes, by their numbers from 0 on. @default all */
  readonly roots?: readonly number[] | undefined;
}

/** A part that has run to its end. */
export interface SimulatedPart {
  readonly world: World<Watcher & { readonly violations: readonly Violation[]; readonly received: number }>;
  /** How many events the producer was to publish. */
  readonly drawn: number;
  /** Distinct events published. */
  readonly events: number;
}
