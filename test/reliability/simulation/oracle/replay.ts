import { HIDDEN, type Program, REGISTERS, type Step, type Value, valueOf } from "../programs/language.ts";
import type { Run, Seen } from "./runs.ts";

/** What one transaction of a run has to be. */
export interface Segment {
  /** What cells and stages are to be afterwards, by `cell#<key>` and `stage#<fact>`; undefined where they are deleted. */
  readonly writes: Map<string, { readonly n: number; readonly by: string } | undefined>;
  /** What is to be added to heaps. */
  readonly adds: Map<string, number>;
  /** What is emitted, by the name and the number. */
  readonly emits: string[];
  /** What cells must be when it commits: those that were read before they were written, and those to be checked. */
  readonly basis: Map<string, Seen>;
  /** Cells that it puts unread. */
  readonly created: Set<string>;
}

/** A program as it must have gone if it saw what a run says that it saw. */
export interface Replay {
  readonly segments: readonly Segment[];
  /** Why the run cannot have been like that; undefined when it can. */
  readonly contradiction: string | undefined;
  /** What the run read without its being checked at a commit. */
  readonly unchecked: readonly Seen[];
}

/** Ends a replay: the run has not come further, or not this way. */
class Contradiction extends Error {}

/** Replays a program with the values that a run saw. It knows the language, and nothing of a unit of work. */
export function replay(program: Program, run: Run): Replay {
  const replaying = new Replaying(program, run);
  let contradiction: string | undefined;
  try {
    replaying.steps(program.steps, "");
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error;
    contradiction = error.message;
  }
  return { segments: replaying.segments, contradiction, unchecked: replaying.unchecked };
}

function emptySegment(): Segment {
  return { writes: new Map(), adds: new Map(), emits: [], basis: new Map(), created: new Set() };
}

class Replaying {
  readonly segments: Segment[] = [emptySegment()];
  readonly unchecked: Seen[] = [];
  readonly #program: Program;
  readonly #run: Run;
  readonly #registers = Array.from({ length: REGISTERS }, () => 0);
  /** What the run knows of cells: what it read first, or has written since. */
  readonly #known = new Map<string, Seen>();
  /** What its queries have found first. */
  readonly #found = new Map<string, Seen>();
  #amount: number;

  constructor(program: Program, run: Run) {
    this.#program = program;
    this.#run = run;
    this.#amount = program.amount;
  }

  steps(steps: readonly Step[], path: string): void {
    for (const [index, step] of steps.entries()) this.#step(step, `${path}/${index}`);
  }

  #step(step: Step, path: string): void {
    switch (step.do) {
      case "read":
        return this.#read(path, [step.cell], step.into, step.checked);
      case "readAll":
        return this.#read(path, step.cells, step.into, false);
      case "query":
        this.#read(path, ["all cells"], step.into, false);
        return this.#mustHaveFound(path);
      case "put":
        this.#mustStillBe(step.cell);
        return this.#write(step.cell, { n: this.#value(step.value), by: this.#by });
      case "create":
        if (!this.#segment.writes.has(`cell#${step.cell}`)) {
          const found = this.#found.get(step.cell);
          this.#segment.basis.set(step.cell, found ?? { cell: step.cell });
          if (!found) this.#segment.created.add(step.cell);
        }
        return this.#write(step.cell, { n: this.#value(step.value), by: this.#by });
      case "overwrite":
        return this.#write(step.cell, { n: this.#value(step.value), by: this.#by });
      case "delete":
        this.#mustStillBe(step.cell);
        return this.#write(step.cell, undefined);
      case "add":
        return void this.#segment.adds.set(step.sum, (this.#segment.adds.get(step.sum) ?? 0) + step.by);
      case "emit":
        return void this.#segment.emits.push(`${step.what} ${this.#value(step.value)}`);
      case "effect":
        return this.#effect(path, step.into);
      case "consume":
        this.#registers[step.into] = this.#amount;
        this.#amount = 0;
        return;
      case "pause":
        return;
      case "stage":
        return this.#stage(step, path);
      case "if":
        return (this.#registers[step.register] ?? 0) >= step.atLeast
          ? this.steps(step.so, `${path}+`)
          : this.steps(step.otherwise, `${path}-`);
      case "throw":
        // One that ends after some receives may have ended: whether it has, the run says.
        if (step.until === undefined) throw new Contradiction(`it throws at ${path}`);
        return;
      case "forget":
        // Whatever nobody awaited belongs to the work all the same, unless it failed and nobody was to know.
        return this.#run.dropped.has(path) ? undefined : this.steps(step.steps, path);
      case "late":
        // What begins after the return has no effect.
        return;
    }
  }

  #read(path: string, cells: readonly string[], into: number, checked: boolean): void {
    const seen = this.#run.reads.get(path);
    if (!seen) throw new Contradiction(`it has not read ${cells.join(", ")} at ${path}`);
    let sum = 0;
    for (const found of seen) {
      const known = this.#known.get(found.cell);
      if (known && !same(known, found)) {
        throw new Contradiction(
          known.by?.startsWith(this.#run.id)
            ? `it wrote ${show(known)} and then read ${show(found)}`
            : `it read ${show(known)}, and then ${show(found)}`,
        );
      }
      this.#known.set(found.cell, found);
      if (!this.#segment.writes.has(`cell#${found.cell}`)) this.unchecked.push(found);
      if (checked) this.#mustStillBe(found.cell);
      sum += found.n ?? 0;
    }
    this.#registers[into] = sum;
  }

  /**
   * What queries have found counts as read, to the end of the run. A query may miss what others have just written, but nothing that
   * the run itself has.
   */
  #mustHaveFound(path: string): void {
    const seen = this.#run.reads.get(path) ?? [];
    for (const one of seen) if (!this.#found.has(one.cell)) this.#found.set(one.cell, one);
    const found = new Set(seen.map(({ cell }) => `cell#${cell}`));
    for (const [name, content] of this.#segment.writes) {
      const isHidden = HIDDEN.some((cell) => name === `cell#${cell}`);
      if (content && name.startsWith("cell#") && !isHidden && !found.has(name)) {
        throw new Contradiction(`it wrote ${name}, which its query at ${path} has not found`);
      }
    }
  }

  #effect(path: string, into: number): void {
    const answer = this.#run.answers.get(path);
    if (answer === undefined) throw new Contradiction(`its outside effect at ${path} has not answered`);
    this.#registers[into] = answer;
  }

  #stage({ number, steps, meanwhile }: Step & { do: "stage" }, path: string): void {
    const passed = this.#run.stages.get(path);
    if (passed === undefined) throw new Contradiction(`it has not come to its stage ${number}`);
    if (passed > number) return;
    this.steps(steps, path);
    this.#segment.writes.set(`stage#${this.#program.fact}`, { n: number + 1, by: this.#by });
    this.segments.push(emptySegment());
    // From here on, others may have written what this run has read and written.
    this.#known.clear();
    this.steps(meanwhile, `${path}*`);
  }

  /** The cell must be at the commit what the run knows of it, unless the same transaction has written it before. */
  #mustStillBe(cell: string): void {
    const known = this.#known.get(cell);
    if (known && !this.#segment.writes.has(`cell#${cell}`)) this.#segment.basis.set(cell, known);
  }

  #write(cell: string, written: { n: number; by: string } | undefined): void {
    this.#segment.writes.set(`cell#${cell}`, written);
    this.#known.set(cell, { cell, ...written });
  }

  #value(value: Value): number {
    return valueOf(value, this.#registers, this.#amount);
  }

  /** What an item says of who has put it: the run, and the number of its transaction. */
  get #by(): string {
    return `${this.#run.id} ${this.segments.length - 1}`;
  }

  get #segment(): Segment {
    return this.segments.at(-1)!;
  }
}

/** Whether two have seen the same of a cell. */
export function same(one: Seen, other: Seen): boolean {
  return one.n === other.n && one.by === other.by;
}

/** What was seen of a cell, to read. */
export function show({ cell, n, by }: Seen): string {
  return n === undefined ? `no ${cell}` : `${cell} = ${n} by ${by?.slice(0, 8)}`;
}
