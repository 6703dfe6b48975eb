import { createHash } from "node:crypto";
import { setUpAccount } from "./account.ts";
import { checkBooks } from "./checks/business.ts";
import { Checks } from "./checks/checks.ts";
import { checkRedriven, checkSettled } from "./checks/outcomes.ts";
import type { Violation } from "./checks/report.ts";
import type { Code } from "./code.ts";
import { type FaultKind, type FaultLimits, Faults } from "./faults.ts";
import { Random } from "../../support/random.ts";
import { drawWorkload, startWorkload } from "./workload.ts";
import { World } from "./world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long the backlog may take to reach zero once faults have stopped: ten receives, each with its visibility timeout. */
const SETTLED_WITHIN = 6 * HOUR;

/** When copies of events that somebody kept are sent again: just before inboxes forget them. docs/decisions/receives-and-inbox-window.md */
const KEPT_COPIES_COME_BACK = 31.5 * DAY;

/** Copies that are sent again. */
const COPIES = 15;

/** Events of a seed, roughly. */
export const DEFAULT_EVENTS = 200;

/** What to simulate. */
export interface Seed extends FaultLimits {
  readonly seed: number;
  /** Events published, roughly, those included that services publish. @default {@link DEFAULT_EVENTS} */
  readonly events?: number;
  /** Which of the events that the producer publishes, by their numbers from 0 on. @default all */
  readonly roots?: readonly number[];
}

/** What a simulation came to. */
export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** SHA-256 of the trace, in hexadecimal. */
  readonly hash: string;
  readonly trace: readonly string[];
  /** Numbers of the events that the producer published. */
  readonly roots: readonly number[];
  /** Distinct events published. */
  readonly events: number;
  /** Messages handed to functions. */
  readonly deliveries: number;
  readonly faultsFired: ReadonlyMap<FaultKind, number>;
  readonly rareStates: ReadonlyMap<string, number>;
}

/** Runs one seed from the first event to the last book, and checks everything on the way. */
export async function simulate(
  { seed, events = DEFAULT_EVENTS, roots: chosen, ...limits }: Seed,
  code: Code,
): Promise<SimulationResult> {
  Error.stackTraceLimit = 0; // nobody reads the stacks, and errors are a good part of what happens here
  const { roots: drawn, lasts } = drawWorkload(seed, events);
  const roots = chosen ? drawn.filter((_, index) => chosen.includes(index)) : drawn;
  const world = new World(seed, new Faults(seed, limits), (world) => new Checks(world, roots));
  setUpAccount(world, code);
  const healedAt = drawOutages(world, lasts);
  const operatorWaits = world.faults.happens("operator.late") ? world.faults.between("operator.late", 0, 12 * DAY) : HOUR;
  startWorkload(world, roots);

  await world.scheduler.run(world.startedAt + healedAt);
  heal(world);
  await settle(world);
  checkSettled(world);

  world.scheduler.now += operatorWaits;
  for (const table of world.tables.values()) table.expire();
  redrive(world);
  await settle(world);
  checkRedriven(world);

  world.scheduler.now = world.startedAt + KEPT_COPIES_COME_BACK;
  for (const table of world.tables.values()) table.expire();
  replay(world);
  await settle(world);
  checkRedriven(world);
  checkBooks(world);

  const { checks, faults, rareStates, lines } = world;
  return {
    seed,
    violations: checks.violations,
    hash: createHash("sha256").update(lines.join("\n")).digest("hex"),
    trace: lines,
    roots: chosen ?? drawn.map((_, index) => index),
    events: checks.deliveries.published.size,
    deliveries: checks.received,
    faultsFired: faults.fired,
    rareStates,
  };
}

/** Puts services out of order for a while. @returns when all faults stop, in milliseconds from the start */
function drawOutages(world: World, lasts: number): number {
  const random = new Random(world.seed, "outages");
  let until = lasts + random.pick([1_000, 60_000, HOUR]);
  for (const mapping of world.mappings.values()) {
    if (mapping.service === "producer" || !world.faults.happens("service.down")) continue;
    const from = world.startedAt + random.between(0, lasts);
    mapping.outage = { from, until: from + HOUR, way: random.pick(["stopped", "crashing", "throttled"]) };
    until = Math.max(until, lasts + HOUR);
  }
  return until;
}

function heal(world: World): void {
  world.trace("healed");
  world.faults.heal();
  for (const mapping of world.mappings.values()) {
    mapping.outage = undefined;
    mapping.deploy();
  }
}

/** Runs until nothing is left to happen. */
async function settle(world: World): Promise<void> {
  const from = world.scheduler.now;
  await world.scheduler.run(from + SETTLED_WITHIN);
  if (!world.scheduler.isIdle)
    world.checks.report("the backlog reaches zero", "things still happen hours after the last fault");
}

/** What the operator does in the end: sends every dead letter back to the one service it was for. */
function redrive(world: World): void {
  for (const { queue, deadLetters, undelivered } of world.queuesOf.values()) {
    for (const from of [deadLetters, undelivered]) {
      for (const message of from.messages) {
        queue.send({ body: message.body, group: message.group, origin: "operator" });
        from.remove(message);
      }
    }
  }
}

/** Sends copies of events that have taken effect to their services once more. */
function replay(world: World): void {
  const { commits, events } = world.checks;
  const handled = [...world.copies].filter(([, { service, body }]) => commits.effectsOf(service, events.of(body).id) > 0);
  for (const [, { service, body, group }] of new Random(world.seed, "copies").shuffled(handled).slice(0, COPIES)) {
    world.queuesOf.get(service)?.queue.send({ body, group, origin: "operator" });
  }
}
