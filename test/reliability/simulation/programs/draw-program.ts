import type { Random } from "../../../support/random.ts";
import { REGISTERS, type Step, type Value } from "./language.ts";

/** Cells that programs meet at: few, so that they do. */
export const CELLS = ["a", "b", "c", "d"];

/** Cells that are put whatever is there. */
const OVERWRITTEN = ["w", "x"];

/** Cells that are only ever created. */
const CREATED = ["p", "q"];

/** Numbers that are added to, and what they begin with. */
export const HEAPS = ["h", "i"];
export const HEAP_BEGINS = 1_000;

/** The register of steps that nobody awaits, so that what the others compute does not depend on how far those are. */
const APART = REGISTERS - 1;

/** What may be drawn at a place of a program. */
interface Place {
  /** Cells that the program has read by then: those it may put and delete. */
  readonly known: Set<string>;
  /** How deep it stands in branches. */
  readonly depth: number;
  /** Whether it lies in a stage: after that, what is created may be there already. */
  readonly staged: boolean;
  /** What happens only once in a program, and has been drawn. */
  readonly drawn: Set<Step["do"]>;
}

/** Draws a program of any shape. It ends in an event or in a put, so that each of its commits can be told by what is in it. */
export function drawProgram(random: Random): Step[] {
  const drawn = new Set<Step["do"]>();
  const place: Place = { known: new Set(), depth: 0, staged: false, drawn };
  const steps: Step[] = [];
  const stages = random.chance(0.25) ? 1 + random.below(2) : 0;
  // Not under a stage's guard: a run that starts again emits it again.
  if (stages > 0 && random.chance(0.5)) steps.push({ do: "emit", what: "begun", value: drawConstant(random) });
  for (let number = 0; number < stages; number++) {
    const inner = { known: new Set<string>(), depth: 1, staged: true, drawn };
    const meanwhile = random.chance(0.4) ? drawMeanwhile(random) : [];
    steps.push({ do: "stage", number, steps: drawSteps(random, inner, 1 + random.below(3)), meanwhile });
  }
  steps.push(...drawSteps(random, place, 1 + random.below(6)));
  steps.push(random.chance(0.3) ? { do: "emit", what: "end", value: drawValue(random) } : drawOwnPut(random, place, steps));
  if (!drawn.has("forget") && random.chance(0.04)) steps.push({ do: "late", steps: drawApart(random) });
  return steps;
}

/** Draws a program that reads one cell and puts it, or does not. */
export function drawDialProgram(random: Random, cell: string): Step[] {
  const steps: Step[] = [{ do: "read", cell, into: 0, checked: false }];
  if (random.chance(0.3)) steps.push({ do: "pause", milliseconds: random.below(30) });
  if (random.chance(0.3)) steps.push({ do: "read", cell, into: 1, checked: false });
  const put: Step = { do: "put", cell, value: { plus: 1 + random.below(9), registers: [0], amount: true } };
  const emit = (what: string): Step => ({ do: "emit", what, value: { plus: 0, registers: [0], amount: false } });
  const kind = random.next();
  const atLeast = random.below(60);
  if (kind < 0.5) steps.push(put, emit("counted"));
  else if (kind < 0.7) steps.push({ do: "if", register: 0, atLeast, so: [emit("refused")], otherwise: [put, emit("counted")] });
  else if (kind < 0.9) steps.push({ do: "if", register: 0, atLeast, so: [put], otherwise: [emit("small")] });
  else steps.push({ do: "if", register: 0, atLeast, so: [{ do: "throw", error: "permanent" }], otherwise: [] }, put);
  return steps;
}

function drawSteps(random: Random, place: Place, count: number): Step[] {
  return Array.from({ length: count }, () => drawStep(random, place)).flat();
}

/** The kinds of steps, by how often they are drawn. */
const KINDS: readonly [weight: number, draw: (random: Random, place: Place) => Step[]][] = [
  [5, drawRead],
  [
    1,
    (random, { known }) => {
      const cells = random.shuffled(CELLS).slice(0, 2);
      for (const cell of cells) known.add(cell);
      return [{ do: "readAll", cells, into: random.below(APART) }];
    },
  ],
  [5, drawPut],
  [0.3, (random, { staged }) => (staged ? [] : [{ do: "create", cell: random.pick(CREATED), value: drawValue(random) }])],
  [1, (random) => [{ do: "overwrite", cell: random.pick(OVERWRITTEN), value: drawValue(random) }]],
  [0.7, (_random, { known }) => [...known].slice(0, 1).map((cell) => ({ do: "delete" as const, cell }))],
  [1.5, (random) => [{ do: "add", sum: random.pick(HEAPS), by: random.below(20) - 8 }]],
  [2, (random) => [{ do: "emit", what: String(random.below(4)), value: drawValue(random) }]],
  [1, (random) => [{ do: "effect", key: random.pick(["charge", "mail"]), into: random.below(APART) }]],
  [1, (random) => [{ do: "consume", into: random.below(APART) }]],
  [1.5, (random) => [{ do: "pause", milliseconds: random.below(40) }]],
  [2.5, drawBranch],
  [0.4, (random) => [{ do: "throw", error: random.pick(["own", "later"]), until: 2 + random.below(3) }]],
  [
    0.3,
    (random, { staged, drawn }) => {
      if (staged || drawn.has("forget")) return [];
      drawn.add("forget");
      return [{ do: "forget", steps: drawApart(random) }];
    },
  ],
];

const WEIGHTS = KINDS.reduce((sum, [weight]) => sum + weight, 0);

function drawStep(random: Random, place: Place): Step[] {
  let left = random.next() * WEIGHTS;
  for (const [weight, draw] of KINDS) if ((left -= weight) < 0) return draw(random, place);
  return [];
}

function drawRead(random: Random, { known }: Place): Step[] {
  // A helper that looks again is drawn more often than not: most handlers come back to what they are about.
  const cell = known.size > 0 && random.chance(0.4) ? random.pick([...known]) : random.pick(CELLS);
  known.add(cell);
  return [{ do: "read", cell, into: random.below(APART), checked: random.chance(0.4) }];
}

function drawPut(random: Random, place: Place): Step[] {
  if (place.known.size === 0) return [...drawRead(random, place), ...drawPut(random, place)];
  return [{ do: "put", cell: random.pick([...place.known]), value: drawValue(random) }];
}

function drawBranch(random: Random, place: Place): Step[] {
  if (place.depth >= 2) return [];
  const branch = () => drawSteps(random, { ...place, known: new Set(place.known), depth: place.depth + 1 }, random.below(3));
  const throws = random.chance(0.3)
    ? [{ do: "throw" as const, error: random.pick(["permanent", "permanent", "own"] as const) }]
    : [];
  const register = random.below(APART);
  return [{ do: "if", register, atLeast: random.pick([1, 5, 20, 100]), so: [...branch(), ...throws], otherwise: branch() }];
}

/** The last put: of a cell that the program has surely read. */
function drawOwnPut(random: Random, { known }: Place, steps: Step[]): Step {
  const cell = random.pick(CELLS);
  if (!known.has(cell)) steps.push({ do: "read", cell, into: 0, checked: false });
  return { do: "put", cell, value: { plus: 1, registers: [0], amount: true } };
}

/** Steps that go on by themselves: with a register and a cell of their own. */
function drawApart(random: Random): Step[] {
  const cell = random.pick(["y", "z"]);
  return [
    { do: "read", cell, into: APART, checked: false },
    random.chance(0.5)
      ? { do: "put", cell, value: { plus: 1, registers: [APART], amount: false } }
      : { do: "emit", what: "apart", value: { plus: 1, registers: [], amount: false } },
  ];
}

/** Steps while a checkpoint commits: each takes no time. */
function drawMeanwhile(random: Random): Step[] {
  return [
    random.chance(0.7)
      ? { do: "overwrite", cell: random.pick(["u", "v"]), value: drawValue(random) }
      : { do: "emit", what: "meanwhile", value: drawValue(random) },
  ];
}

function drawValue(random: Random): Value {
  const registers = Array.from({ length: APART }, (_, register) => register).filter(() => random.chance(0.4));
  return { plus: random.below(10), registers, amount: random.chance(0.5) };
}

function drawConstant(random: Random): Value {
  return { plus: random.below(3), registers: [], amount: false };
}
