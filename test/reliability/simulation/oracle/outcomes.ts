import type { World } from "../world.ts";
import { type Fact, mayBeRefused } from "./facts.ts";
import type { Oracle } from "./oracle.ts";
import { isAllPublished } from "./outgoing.ts";

/** Once the faults have stopped and every dead letter has been sent back: what can take effect has done so, and is told of. */
export function checkOutcomes(world: World<Oracle>): void {
  const dead = deadFacts(world);
  for (const { queue } of world.queuesOf.values()) {
    if (queue.messages.length > 0)
      world.checks.report("the backlog reaches zero", `${queue.messages.length} messages are left in ${queue.name}`);
  }
  for (const fact of world.checks.facts.all.values()) {
    if (fact.expired) continue;
    if (fact.deliveries === 0) world.checks.report("every published event comes to its service", fact.name);
    else if (fact.doneAt === undefined) checkDead(world, fact, dead.has(fact));
    else checkDone(world, fact, dead.has(fact));
    checkPublished(world, fact);
  }
}

function deadFacts(world: World<Oracle>): Set<Fact | undefined> {
  const queues = [...world.queuesOf.values()].flatMap(({ deadLetters, undelivered }) => [deadLetters, undelivered]);
  return new Set(queues.flatMap(({ messages }) => messages.map(({ body }) => world.checks.facts.of(body))));
}

function checkDone({ checks }: World<Oracle>, fact: Fact, dead: boolean): void {
  const name = `${fact.service} ${fact.name}`;
  if (dead) checks.report("a copy of an event that has taken effect is not dead", `${name} is left as a dead letter`);
}

/** Of a dead event too: what was committed at a checkpoint before is told. A request has to be repeated until it has an answer. */
function checkPublished({ checks }: World<Oracle>, fact: Fact): void {
  if (isAllPublished(fact) || (fact.service === "desk" && fact.doneAt === undefined)) return;
  const name = `${fact.service} ${fact.name}`;
  const missing = [...fact.emitted].filter(([content, count]) => (fact.published.get(content)?.size ?? 0) < count);
  checks.report("every committed outgoing event is published", `${name}: ${missing.map(([content]) => content).join(", ")}`);
}

function checkDead({ checks }: World<Oracle>, fact: Fact, dead: boolean): void {
  const name = `${fact.service} ${fact.name}`;
  if (!dead) return checks.report("every published event ends in effect or dead letter", `${name} is lost`);
  const last = checks.runs.of(fact.service, fact.name).at(-1);
  if (!last) checks.report("what may still succeed is not given up", `${name} was never handled`);
  else if (last.ended !== "threw" && !mayBeRefused(fact.program))
    checks.report("what may still succeed is not given up", `${name}: its handler did not throw`);
}
