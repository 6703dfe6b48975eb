import type { Envelope } from "#lib/contracts/index.ts";
import { PermanentError, RetryLaterError, type UnitOfWork } from "#lib/runtime/index.ts";
import { type Program, REGISTERS, type Step, type Value, valueOf } from "../../programs/language.ts";
import { cell, heap, SHOWN, stage } from "./cell.ts";
import { programTold2 } from "./events.ts";
import type desk from "../desk/service.ts";
import type dial from "../dial/service.ts";
import type old from "../weaver-old/service.ts";
import type weaver from "./service.ts";

type Unit = UnitOfWork<typeof weaver> | UnitOfWork<typeof old> | UnitOfWork<typeof dial> | UnitOfWork<typeof desk>;

/** Milliseconds after a handler's return at which late steps begin: before an invocation can have ended. */
const LATE_MILLISECONDS = 1;

/** A handler of events that ask for a program. */
export async function interpret({ data }: Envelope<string, Program>, unit: Unit): Promise<void> {
  await runProgram(data, unit, "a handler");
}

/**
 * Runs a generated handler, and says to the simulation what it does and sees.
 *
 * @param by what its events say of who has run it
 * @returns the run's name
 */
export async function runProgram(data: Program, unit: Unit, by: string): Promise<string> {
  const run = new Run(data, unit, by);
  run.mark("began", { fact: data.fact });
  try {
    await run.steps(data.steps, "");
  } catch (error) {
    run.mark("threw");
    throw error;
  }
  run.mark("returned");
  return run.id;
}

/** One run of a program. */
class Run {
  readonly #data: Program;
  readonly #unit: Unit;
  readonly #caller: string;
  readonly id = crypto.randomUUID();
  /** How many transactions it has asked for: what it puts names the one that it belongs to. */
  #checkpoints = 0;
  readonly #registers = Array.from({ length: REGISTERS }, () => 0);

  constructor(data: Program, unit: Unit, caller: string) {
    this.#data = data;
    this.#unit = unit;
    this.#caller = caller;
  }

  mark(what: string, more: object = {}): void {
    performance.mark(what, { detail: { run: this.id, ...more } });
  }

  /** Runs steps one after the other. @param path where in the program they stand */
  async steps(steps: readonly Step[], path: string): Promise<void> {
    for (const [index, step] of steps.entries()) await this.#step(step, `${path}/${index}`);
  }

  async #step(step: Step, path: string): Promise<void> {
    const unit = this.#unit;
    switch (step.do) {
      case "read":
        return this.#read(path, [step.cell], step.into, async () => [
          await unit.get(cell, step.cell, { unchanged: step.checked }),
        ]);
      case "readAll":
        return this.#read(path, step.cells, step.into, () => unit.getAll(cell, step.cells));
      case "query":
        return this.#query(path, step.into);
      case "put":
      case "create":
        return unit.put(cell, this.#item(step.cell, step.value));
      case "overwrite":
        return unit.put(cell, this.#item(step.cell, step.value), { overwrite: true });
      case "delete":
        return unit.delete(cell, step.cell);
      case "add":
        return unit.add(heap, step.sum, "total", step.by, { atLeast: 0 });
      case "emit":
        return this.#emit(step.what, this.#value(step.value));
      case "effect":
        return this.#effect(path, step.key, step.into);
      case "consume":
        this.#registers[step.into] = this.#data.amount;
        this.#data.amount = 0;
        return;
      case "pause":
        return sleep(step.milliseconds);
      case "stage":
        return this.#stage(step, path);
      case "if":
        return (this.#registers[step.register] ?? 0) >= step.atLeast
          ? this.steps(step.so, `${path}+`)
          : this.steps(step.otherwise, `${path}-`);
      case "throw":
        return this.#throw(step);
      case "forget":
        return void this.steps(step.steps, path).catch(() => this.mark("dropped", { path }));
      case "late":
        return void setTimeout(() => void this.#late(step.steps, path), LATE_MILLISECONDS);
    }
  }

  #emit(what: string, n: number): void {
    this.#unit.emit(programTold2, { fact: this.#data.fact, what, n, by: this.#caller });
  }

  async #read(
    path: string,
    cells: readonly string[],
    into: number,
    read: () => Promise<({ n: number; by: string } | undefined)[]>,
  ): Promise<void> {
    const found = await read();
    this.mark("read", { path, seen: found.map((item, index) => ({ cell: cells[index], n: item?.n, by: item?.by })) });
    this.#registers[into] = found.reduce((sum, item) => sum + (item?.n ?? 0), 0);
  }

  async #query(path: string, into: number): Promise<void> {
    const found = await Array.fromAsync(this.#unit.query(cell, SHOWN, { index: "byKey" }));
    this.mark("read", { path, seen: found.map(({ key, n, by }) => ({ cell: key, n, by })) });
    this.#registers[into] = found.reduce((sum, { n }) => sum + n, 0);
  }

  async #stage({ number, steps, meanwhile }: Step & { do: "stage" }, path: string): Promise<void> {
    const { fact } = this.#data;
    const passed = (await this.#unit.get(stage, fact))?.passed ?? 0;
    this.mark("stage", { path, passed });
    if (passed > number) return;
    await this.steps(steps, path);
    this.#unit.put(stage, { fact, passed: number + 1, by: this.#by });
    this.mark("checkpoint");
    this.#checkpoints += 1;
    await Promise.all([this.#unit.checkpoint(), sleep(0).then(() => this.steps(meanwhile, `${path}*`))]);
  }

  async #effect(path: string, key: string, into: number): Promise<void> {
    const name = `${key}:${this.#data.fact}`;
    const n = await this.#unit.effects.once(name, async (idempotencyKey) => {
      this.mark("effect", { key: name });
      const headers = { "idempotency-key": idempotencyKey };
      const { status } = await fetch("http://outside.example/effects", { method: "POST", headers, signal: this.#unit.signal });
      if (status !== 201) throw new Error(`the outside answered ${status}`);
      return Math.floor(Math.random() * 100);
    });
    this.mark("answer", { path, key: name, n });
    this.#registers[into] = n;
  }

  async #late(steps: readonly Step[], path: string): Promise<void> {
    let refused = false;
    await this.steps(steps, path).catch(() => (refused = true));
    this.mark("late", { refused });
  }

  #throw({ error, until }: Step & { do: "throw" }): void {
    if (until !== undefined && this.#unit.attempt >= until) return;
    if (error === "permanent") throw new PermanentError("the program refuses");
    throw error === "later" ? new RetryLaterError("the program waits") : new Error("the program fails");
  }

  #item(key: string, value: Value): { key: string; n: number; by: string } {
    return { key, n: this.#value(value), by: this.#by };
  }

  get #by(): string {
    return `${this.id} ${this.#checkpoints}`;
  }

  #value(value: Value): number {
    return valueOf(value, this.#registers, this.#data.amount);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
