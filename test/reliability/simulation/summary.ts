import type { Violation } from "./checks/report.ts";
import type { SimulationResult } from "./simulation.ts";

/** A seed that broke an invariant. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

/** What many seeds came to together. */
export interface Summary {
  seeds: number;
  events: number;
  deliveries: number;
  faults: number;
  /** How long it took, in seconds of a worker's time. */
  seconds: number;
  readonly faultsFired: Map<string, number>;
  readonly rareStates: Map<string, number>;
  readonly failures: Failure[];
}

export function emptySummary(): Summary {
  return {
    seeds: 0,
    events: 0,
    deliveries: 0,
    faults: 0,
    seconds: 0,
    faultsFired: new Map(),
    rareStates: new Map(),
    failures: [],
  };
}

/** Adds one seed's result. */
export function addResult(summary: Summary, result: SimulationResult): void {
  summary.seeds++;
  summary.events += result.events;
  summary.deliveries += result.deliveries;
  addCounts(summary.faultsFired, result.faultsFired);
  addCounts(summary.rareStates, result.rareStates);
  for (const count of result.faultsFired.values()) summary.faults += count;
  if (result.violations.length > 0) summary.failures.push({ seed: result.seed, violations: result.violations });
}

/** Adds another summary. */
export function addSummary(summary: Summary, other: Summary): void {
  summary.seeds += other.seeds;
  summary.events += other.events;
  summary.deliveries += other.deliveries;
  summary.faults += other.faults;
  summary.seconds += other.seconds;
  addCounts(summary.faultsFired, other.faultsFired);
  addCounts(summary.rareStates, other.rareStates);
  summary.failures.push(...other.failures);
}

function addCounts(to: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, count] of from) to.set(name, (to.get(name) ?? 0) + count);
}
