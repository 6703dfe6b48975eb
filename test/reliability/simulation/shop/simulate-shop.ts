import { Random } from "../../../support/random.ts";
import { setUpAccount } from "../account.ts";
import { checkBooks } from "../checks/business.ts";
import { Checks } from "../checks/checks.ts";
import { checkRedriven, checkSettled } from "../checks/outcomes.ts";
import type { Code } from "../code.ts";
import { Faults } from "../faults.ts";
import type { PartOfSeed, SimulatedPart } from "../parts.ts";
import { redrive, settle } from "../rest.ts";
import { drawWorkload, startWorkload } from "./workload.ts";
import { World } from "../world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** When copies of events that somebody kept are sent again: just before inboxes forget them. docs/decisions/receives-and-inbox-window.md */
const KEPT_COPIES_COME_BACK = 31.5 * DAY;

/** Copies that are sent again. */
const COPIES = 15;

/** Runs the five services of the shop, and those that strain the runtime further, from the first event to the last book. */
export async function simulateShop({ seed, events, roots: chosen, ...limits }: PartOfSeed, code: Code): Promise<SimulatedPart> {
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

  return { world, drawn: drawn.length, events: world.checks.deliveries.published.size };
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

/** Sends copies of events that have taken effect to their services once more. */
function replay(world: World<Checks>): void {
  const { commits, events } = world.checks;
  const handled = [...world.copies].filter(([, { service, body }]) => commits.effectsOf(service, events.of(body).id) > 0);
  for (const [, { service, body, group }] of new Random(world.seed, "copies").shuffled(handled).slice(0, COPIES)) {
    world.queuesOf.get(service)?.queue.send({ body, group, origin: "operator" });
  }
}
