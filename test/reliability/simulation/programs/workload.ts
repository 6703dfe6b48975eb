import { Random } from "../../../support/random.ts";
import { PRODUCER_QUEUE } from "../account.ts";
import type { Asked } from "../oracle/facts.ts";
import type { World } from "../world.ts";
import { CELLS, drawDialProgram, drawProgram } from "./draw-program.ts";
import type { Program, Step } from "./language.ts";
import type { Operations } from "./operations.ts";

/** A message that the producer publishes: a fact, in one of its versions. */
export interface Root extends Asked {
  readonly type: string;
  readonly body: string;
  /** Milliseconds from the start of the simulation. */
  readonly at: number;
}

/** When everything is published for the first time, at the latest. */
export function drawDuration(random: Random): number {
  return random.pick([5_000, 20_000, 120_000, 1_200_000]);
}

/** Draws facts: mostly for the weaver, in the versions that may be published at their time, and copies of them. */
export function drawRoots(seed: number, count: number, lasts: number, operations: Operations): Root[] {
  const random = new Random(seed, "programs");
  const instants = Array.from({ length: 4 }, () => random.between(0, lasts));
  const bursts = random.chance(0.6);
  const time = () => (bursts ? random.pick(instants) + random.between(0, 50) : random.between(0, lasts));
  const roots: Root[] = [];
  for (let number = 1; number <= count; number++) {
    let left = random.next();
    const [, draw] = DRAWS.find(([share]) => (left -= share) < 0) ?? DRAWS[0]!;
    const drawn = draw(random, number, time(), operations);
    roots.push(...drawn);
    // Somebody publishes an event again: soon after, or when it has long been handled.
    for (const root of drawn) {
      if (!random.chance(0.25)) continue;
      const body = random.chance(0.3) ? JSON.stringify(turned(JSON.parse(root.body))) : root.body;
      roots.push({ ...root, body, at: root.at + random.pick([1, 50, 500, 5_000, lasts]) });
    }
  }
  return roots;
}

/** The same JSON with the keys of each object the other way round: JSON gives their order no meaning. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, turned(inner)])
      .toReversed(),
  );
}

/** Two sources may give their events the same id. */
const SOURCES = ["/a", "/b"];

function drawForWeaver(random: Random, number: number, at: number, { filter, slowness }: Operations): Root[] {
  const steps: Step[] = [...(slowness > 0 ? [{ do: "pause" as const, milliseconds: slowness }] : []), ...drawProgram(random)];
  // Somewhere before the end, which tells the program's commit.
  if (number % 4 === 0) steps.splice(number % steps.length, 0, { do: "query", into: number % 2 });
  const sources = random.chance(0.05) ? SOURCES : [random.pick(SOURCES)];
  const common = { cell: random.pick(CELLS), amount: 1 + random.below(9), steps };
  return sources.flatMap((source) => {
    const program = { fact: `${source} ${number}`, ...common };
    const one: Root = { service: "weaver", program, at, ...message("program.asked.v1", source, number, program) };
    const two: Root = {
      service: "weaver",
      program,
      at,
      ...message("program.asked.v2", source, number, { ...program, note: "new" }),
    };
    // Until the filter policy holds everywhere, the second version comes beside the first; later it may come alone.
    if (at < filter.from) return [one];
    if (random.chance(0.3)) return [{ ...two, at: Math.max(at, filter.until) }];
    if (random.chance(0.3)) return [one];
    const gap = random.pick([0, 1, 100, 3_000]);
    return random.chance(0.5) ? [one, { ...two, at: at + gap }] : [{ ...one, at: at + gap }, two];
  });
}

/** A call to the desk, under the key that its caller repeats it with; a schedule may make one twice. */
function drawForDesk(random: Random, number: number, at: number): Root[] {
  const isScheduled = random.chance(0.3);
  const source = isScheduled ? "/schedule" : random.pick(SOURCES);
  const program = {
    fact: `${source} ${number}`,
    cell: random.pick(CELLS),
    amount: 1 + random.below(9),
    steps: drawProgram(random),
  };
  const call: Root = { service: "desk", program, at, type: "call", body: JSON.stringify({ id: program.fact, data: program }) };
  return isScheduled && random.chance(0.5) ? [call, { ...call, at: at + random.pick([0, 1, 100, 3_000]) }] : [call];
}

function drawForDial(random: Random, number: number, at: number): Root[] {
  const cell = random.pick(CELLS.slice(0, 2));
  const source = random.pick(SOURCES);
  const program = { fact: `${source} ${number}`, cell, amount: 1 + random.below(9), steps: drawDialProgram(random, cell) };
  return [{ service: "dial", program, at, ...message("dial.asked.v1", source, number, program) }];
}

/** Whom facts are for, and how often. */
const DRAWS: readonly [share: number, draw: (random: Random, number: number, at: number, operations: Operations) => Root[]][] =
  [
    [0.55, drawForWeaver],
    [0.27, drawForDial],
    [0.18, drawForDesk],
  ];

/** A CloudEvent as a publisher writes it who does not know this project. */
function message(type: string, source: string, number: number, data: Program & { readonly note?: string }) {
  const body = JSON.stringify({
    specversion: "1.0",
    id: String(number),
    source,
    type,
    subject: data.cell,
    time: "2026-11-20T09:00:00.000Z",
    data,
  });
  return { type, body };
}

/** Hands the producer its work, and the desk its calls. */
export function startPrograms(world: World, roots: readonly Root[]): void {
  const queue = world.queue(PRODUCER_QUEUE);
  for (const { service, type, body, at } of roots) {
    if (service === "desk") {
      world.scheduler.after(at, () => call(world, service, body));
      continue;
    }
    const asked = { what: "body", topic: "programs", type, body };
    world.scheduler.after(at, () => queue.send({ body: JSON.stringify(asked), origin: "operator", group: undefined }));
  }
}

function call(world: World, service: string, body: string): void {
  world.copies.set(`${service} ${body}`, { service, body, group: undefined });
  const { queue } = world.queuesOf.get(service)!;
  world.checks.delivered(service, queue.send({ body, origin: "operator", group: undefined }));
}
