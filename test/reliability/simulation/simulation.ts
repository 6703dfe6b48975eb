import { createHash } from "node:crypto";
import type { Violation } from "./checks/report.ts";
import type { Code } from "./code.ts";
import type { FaultKind, FaultLimits } from "./faults.ts";
import { type Part, type PartOfSeed, PARTS, type SimulatedPart } from "./parts.ts";
import { simulatePrograms } from "./programs/simulate-programs.ts";
import { simulateShop } from "./shop/simulate-shop.ts";

/** Events of a seed, roughly. */
export const DEFAULT_EVENTS = 200;

/** What to simulate. */
export interface Seed extends FaultLimits {
  readonly seed: number;
  /** Events published in each part, roughly, those included that services publish. @default {@link DEFAULT_EVENTS} */
  readonly events?: number;
  /** Only this part. @default all */
  readonly part?: Part;
  /** Which of the events that the producer publishes in each part, by their numbers from 0 on. @default all */
  readonly roots?: readonly number[];
}

/** What a simulation came to. */
export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly (Violation & { readonly part: Part })[];
  /** SHA-256 of the trace, in hexadecimal. */
  readonly hash: string;
  readonly trace: readonly string[];
  /** Numbers of the events that the producer published, of the part that has most. */
  readonly roots: readonly number[];
  /** Distinct events published. */
  readonly events: number;
  /** Messages handed to functions. */
  readonly deliveries: number;
  readonly faultsFired: ReadonlyMap<FaultKind, number>;
  readonly rareStates: ReadonlyMap<string, number>;
}

const SIMULATE: Readonly<Record<Part, (part: PartOfSeed, code: Code) => Promise<SimulatedPart>>> = {
  shop: simulateShop,
  programs: simulatePrograms,
};

/** Runs one seed from the first event to the last book, and checks everything on the way. */
export async function simulate({ part, events = DEFAULT_EVENTS, ...rest }: Seed, code: Code): Promise<SimulationResult> {
  Error.stackTraceLimit = 0; // nobody reads the stacks, and errors are a good part of what happens here
  const results: [Part, SimulatedPart][] = [];
  for (const name of part ? [part] : PARTS) results.push([name, await SIMULATE[name]({ events, ...rest }, code)]);
  const worlds = results.map(([, { world }]) => world);
  const trace = worlds.flatMap(({ lines }) => lines);
  return {
    seed: rest.seed,
    violations: results.flatMap(([name, { world }]) =>
      world.checks.violations.map((violation) => ({ ...violation, part: name })),
    ),
    hash: createHash("sha256").update(trace.join("\n")).digest("hex"),
    trace,
    roots: rest.roots ?? [...Array(Math.max(...results.map(([, { drawn }]) => drawn))).keys()],
    events: sum(results.map(([, result]) => result.events)),
    deliveries: sum(worlds.map(({ checks }) => checks.received)),
    faultsFired: addUp(worlds.map(({ faults }) => faults.fired)),
    rareStates: addUp(worlds.map(({ rareStates }) => rareStates)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function addUp<Name>(counts: readonly ReadonlyMap<Name, number>[]): Map<Name, number> {
  const total = new Map<Name, number>();
  for (const [name, count] of counts.flatMap((one) => [...one])) total.set(name, (total.get(name) ?? 0) + count);
  return total;
}
