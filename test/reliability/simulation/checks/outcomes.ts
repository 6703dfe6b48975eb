import type { Checks } from "./checks.ts";
import { PRODUCER_QUEUE } from "../account.ts";
import type { World } from "../world.ts";
import { isHopeless } from "./events.ts";

/** How often each event lies in some queues, by `<service> <event id>`. */
function lettersIn(world: World<Checks>, which: "deadLetters" | "undelivered"): Map<string, number> {
  const letters = new Map<string, number>();
  for (const [service, queues] of world.queuesOf) {
    for (const { body } of queues[which].messages) {
      const name = `${service} ${world.checks.events.of(body).id}`;
      letters.set(name, (letters.get(name) ?? 0) + 1);
    }
  }
  return letters;
}

/** Once the faults have stopped and everything has run to its end: nothing waits, and nothing is lost. */
export function checkSettled(world: World<Checks>): void {
  const { checks } = world;
  for (const { queue } of world.queuesOf.values()) {
    if (queue.messages.length > 0)
      checks.report("the backlog reaches zero", `${queue.messages.length} messages are left in ${queue.name}`);
  }
  const asked = world.queue(PRODUCER_QUEUE).messages.length;
  if (asked > 0) checks.report("the backlog reaches zero", `${asked} events were not published`);
  const dead = lettersIn(world, "deadLetters");
  const denied = lettersIn(world, "undelivered");
  for (const [name, { service, event, copies, expired }] of checks.deliveries.all) {
    if (copies === 0) checks.report("delivery equals the filter oracle", `${name} was published and did not come`);
    if (expired || denied.has(name)) continue;
    const effects = checks.commits.effectsOf(service, event.id);
    const letters = dead.get(name) ?? 0;
    if (effects === 0 && letters === 0) checks.report("every published event ends in effect or dead letter", `${name} is lost`);
    if (effects > 0 && letters > 0) world.rare("event with both an effect and a dead letter");
    if (world.faults.total > 0 || checks.events.reused.has(event.id)) continue;
    // An event that ends the process makes its neighbours come back: those that are dead may die twice, the others may not die.
    if (isHopeless(service, event) ? effects > 0 : effects !== 1 || letters > 0) {
      checks.report(
        "every published event ends in effect or dead letter",
        `${name}: ${effects} effects, ${letters} dead letters`,
      );
    }
  }
}

/** After the operator has sent back every dead letter: what can be handled has taken effect, and nothing else is dead. */
export function checkRedriven(world: World<Checks>): void {
  const { checks } = world;
  checkSettled(world);
  const dead = lettersIn(world, "deadLetters");
  for (const [name, { service, event, expired }] of checks.deliveries.all) {
    const effects = checks.commits.effectsOf(service, event.id);
    const letters = dead.get(name) ?? 0;
    if (isHopeless(service, event)) {
      if (effects > 0) checks.report("no effect without a valid event", `${name} took effect`);
      if (letters === 0 && !expired) checks.report("a poison record ends as a dead letter", `${name} is lost`);
      continue;
    }
    if (checks.deliveries.expired > 0) continue;
    if (effects !== 1) checks.report("every published event takes effect once", `${name}: ${effects} effects`);
    if (checks.events.reused.has(event.id)) {
      if (letters === 0) checks.report("an event whose id was used before is dead, not lost", name);
    } else if (letters > 0) checks.report("a dead letter that is sent back is handled", `${name}: ${letters} dead letters`);
  }
  for (const name of checks.commits.effects.keys()) {
    if (!checks.deliveries.all.has(name)) checks.report("no effect without an event", name);
  }
  for (const id of checks.commits.outgoing.keys()) {
    if (!checks.deliveries.published.has(id) && checks.deliveries.expired === 0) {
      checks.report("every committed outgoing event is published", id);
    }
  }
}
