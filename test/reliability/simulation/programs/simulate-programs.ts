import { Random } from "../../../support/random.ts";
import type { Code } from "../code.ts";
import { Faults } from "../faults.ts";
import { Oracle } from "../oracle/oracle.ts";
import { checkOutcomes } from "../oracle/outcomes.ts";
import type { PartOfSeed, SimulatedPart } from "../parts.ts";
import { redrive, settle } from "../rest.ts";
import { World } from "../world.ts";
import { setUpPrograms } from "./account.ts";
import { HEAP_BEGINS, HEAPS } from "./draw-program.ts";
import { drawOperations } from "./operations.ts";
import { drawDuration, drawRoots, startPrograms } from "./workload.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** When copies that somebody kept are sent again: just before inboxes forget them. */
const KEPT_COPIES_COME_BACK = 31.5 * DAY;

/** Copies that are sent again. */
const COPIES = 10;

/** Facts of a seed for each event that is asked for: a program does more than a probe of the shop. */
const FACTS_PER_EVENT = 0.2;

/** Runs the generated handlers of a seed, with operations and faults, and holds them against the oracle. */
export async function simulatePrograms({ seed, events, roots, ...limits }: PartOfSeed, code: Code): Promise<SimulatedPart> {
  const random = new Random(seed, "operations");
  const lasts = drawDuration(random);
  const operations = drawOperations(random, lasts);
  const drawn = drawRoots(seed, Math.ceil(events * FACTS_PER_EVENT), lasts, operations);
  const chosen = drawn.filter((_, index) => roots?.includes(index) ?? true);
  const world = new World(seed, new Faults(seed, limits, "programs/"), (created) => new Oracle(created, chosen));
  setUpPrograms(world, code, operations);
  for (const service of ["weaver", "desk"]) {
    for (const heap of HEAPS) world.checks.commits.begin(service, heap, HEAP_BEGINS);
  }
  if (operations.inbox.into.until > 0 || operations.inbox.back.from < Infinity) world.checks.copies.moving.add("dial");
  startPrograms(world, chosen);
  for (const { service, from, until, way } of operations.outages) {
    world.mappings.get(service)!.outage = { from: world.startedAt + from, until: world.startedAt + until, way };
    if (way === "ending") world.checks.suspicious.add(service);
  }
  for (const at of operations.redrives) world.scheduler.after(at, () => redrive(world));

  await world.scheduler.run(
    world.startedAt +
      Math.max(lasts, ...operations.redrives, ...operations.outages.map(({ until }) => until)) +
      random.pick([1_000, 60_000, HOUR]),
  );
  world.trace("healed");
  world.faults.heal();
  for (const mapping of world.mappings.values()) mapping.deploy();
  await settle(world);

  for (const wait of [HOUR, 12 * HOUR]) {
    world.scheduler.now += wait;
    redrive(world);
    await settle(world);
  }
  checkOutcomes(world);

  world.scheduler.now = world.startedAt + KEPT_COPIES_COME_BACK;
  for (const table of world.tables.values()) table.expire();
  replay(world);
  await settle(world);
  checkOutcomes(world);
  return { world, drawn: drawn.length, events: world.checks.facts.all.size };
}

/** Sends copies of events that have taken effect to their services once more. */
function replay(world: World<Oracle>): void {
  const handled = [...world.copies.values()].filter(({ body }) => world.checks.facts.of(body)?.doneAt !== undefined);
  for (const { service, body, group } of new Random(world.seed, "copies").shuffled(handled).slice(0, COPIES)) {
    world.queuesOf.get(service)?.queue.send({ body, group, origin: "operator" });
  }
}
