import { expect, test } from "vitest";
import type { Environment } from "../cloud/environment.ts";
import { Faults } from "../faults.ts";
import type { Program, Step } from "../programs/language.ts";
import { World } from "../world.ts";
import { Oracle } from "./oracle.ts";

/** Reads the cell a, and puts what it found and one more. */
const COUNT: readonly Step[] = [
  { do: "read", cell: "a", into: 0, checked: false },
  { do: "put", cell: "a", value: { plus: 1, registers: [0], amount: false } },
];

/** Creates p. */
const CREATE: Step = { do: "create", cell: "p", value: { plus: 0, registers: [0], amount: false } };

/** Reads the cell b, which must stay so, and creates p. */
const WATCH: readonly Step[] = [{ do: "read", cell: "b", into: 0, checked: true }, CREATE];

/** A cell as it was seen, or as it is written. */
interface Cell {
  readonly cell: string;
  readonly n?: number;
  readonly by?: string;
}

/** A service of which the test tells the oracle. */
class ToldService {
  readonly oracle: Oracle;
  readonly #environment: Environment;

  constructor(facts: Readonly<Record<string, readonly Step[]>>) {
    const asked = Object.entries(facts).map(([fact, steps]) => {
      const program: Program = { fact, cell: "a", amount: 1, steps: [...steps] };
      return { program, service: "weaver" };
    });
    const world = new World(1, new Faults(1, { only: [] }), (created) => new Oracle(created, asked));
    this.oracle = world.checks;
    const batch = Object.keys(facts).map((fact) => ({ body: JSON.stringify({ data: { fact } }) }));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that the oracle asks of an environment
    this.#environment = { service: "weaver", invocation: { batch } } as unknown as Environment;
  }

  /** A handler begins, and reads. */
  reads(run: string, fact: string, ...seen: readonly Cell[]): void {
    this.oracle.marked(this.#environment, "began", { run, fact });
    seen.forEach((cell, index) => this.sees(run, `/${index}`, cell));
  }

  /** A step of its handler has read cells. */
  sees(run: string, path: string, ...seen: readonly Cell[]): void {
    this.oracle.marked(this.#environment, "read", { run, path, seen });
  }

  /** The handler returns, and what it put is committed. */
  commits(run: string, { cell, n = 0 }: Cell): void {
    this.oracle.marked(this.#environment, "returned", { run });
    const after = { n: { N: String(n) }, by: { S: `${run} 0` } };
    this.oracle.committed("weaver", [{ key: `cell#${cell}|-`, before: undefined, after }]);
  }

  /** The handler returns, and what it put is not committed. @param held whether another transaction held some of its items */
  isRefused(run: string, { cell }: Cell, held = false): void {
    this.oracle.marked(this.#environment, "returned", { run });
    const item = { n: { N: "0" }, by: { S: `${run} 0` } };
    if (held) this.oracle.held("weaver", [{ key: `cell#${cell}|-`, item, guarded: true }]);
  }

  get violated(): string[] {
    return this.oracle.violations.map(({ invariant }) => invariant);
  }
}

test("handlings that fit one after the other are right", () => {
  const service = new ToldService({ first: COUNT, second: COUNT });
  service.reads("one", "first", { cell: "a" });
  service.commits("one", { cell: "a", n: 1 });
  service.reads("two", "second", { cell: "a", n: 1, by: "one 0" });
  service.commits("two", { cell: "a", n: 2 });
  expect(service.violated).toEqual([]);
});

test("an update that is lost is found", () => {
  const service = new ToldService({ first: COUNT, second: COUNT });
  service.reads("one", "first", { cell: "a" });
  service.reads("two", "second", { cell: "a" });
  service.commits("one", { cell: "a", n: 1 });
  service.commits("two", { cell: "a", n: 1 });
  expect(service.violated).toEqual(["what a handler relied on is so at its commit"]);
});

test("an item that a handler relied on, and that changed before its commit, is found", () => {
  const service = new ToldService({
    watch: WATCH,
    other: [{ do: "overwrite", cell: "b", value: { plus: 5, registers: [], amount: false } }],
  });
  service.reads("one", "watch", { cell: "b" });
  service.reads("two", "other");
  service.commits("two", { cell: "b", n: 5 });
  service.commits("one", { cell: "p", n: 0 });
  expect(service.violated).toEqual(["what a handler relied on is so at its commit"]);
});

test("an item that reads differently the second time is found", () => {
  const [read, put] = COUNT;
  const service = new ToldService({ first: [read!, read!, put!], other: COUNT });
  service.reads("two", "other", { cell: "a" });
  service.commits("two", { cell: "a", n: 1 });
  service.reads("one", "first", { cell: "a" }, { cell: "a", n: 1, by: "two 0" });
  service.commits("one", { cell: "a", n: 2 });
  expect(service.violated).toEqual(["what is committed is all that the handler does"]);
});

test("a query that does not find what its own run has written is found", () => {
  const service = new ToldService({ first: [...COUNT, { do: "query", into: 1 }] });
  service.reads("one", "first", { cell: "a" });
  service.sees("one", "/2");
  service.commits("one", { cell: "a", n: 1 });
  expect(service.violated).toEqual(["what is committed is all that the handler does"]);
});

test("a query that misses what another run has just written is right, and one that finds what was never there is not", () => {
  const service = new ToldService({
    other: COUNT,
    first: [{ do: "query", into: 1 }, ...COUNT],
    last: [{ do: "query", into: 1 }, ...COUNT],
  });
  service.reads("two", "other", { cell: "a" });
  service.commits("two", { cell: "a", n: 1 });
  service.reads("one", "first");
  service.sees("one", "/0");
  service.sees("one", "/1", { cell: "a", n: 1, by: "two 0" });
  service.commits("one", { cell: "a", n: 2 });
  expect(service.violated).toEqual([]);

  service.reads("three", "last");
  service.sees("three", "/0", { cell: "b", n: 5, by: "two 0" });
  service.sees("three", "/1", { cell: "a", n: 2, by: "one 0" });
  service.commits("three", { cell: "a", n: 3 });
  expect(service.violated).toEqual(["what a handler reads was there"]);
});

test("an event that takes effect twice is found", () => {
  const service = new ToldService({ first: COUNT });
  service.reads("one", "first", { cell: "a" });
  service.commits("one", { cell: "a", n: 1 });
  service.reads("again", "first", { cell: "a", n: 1, by: "one 0" });
  service.commits("again", { cell: "a", n: 2 });
  expect(service.violated).toEqual(["an event takes effect once"]);
});

test("a write that the handler made and the transaction has not is found", () => {
  const service = new ToldService({
    first: [...COUNT, { do: "overwrite", cell: "w", value: { plus: 1, registers: [], amount: false } }],
  });
  service.reads("one", "first", { cell: "a" });
  service.commits("one", { cell: "a", n: 1 });
  expect(service.violated).toEqual(["a transaction is what its handler does alone"]);
});

test("an event that no committed handling emitted is found", () => {
  const service = new ToldService({ first: [{ do: "emit", what: "x", value: { plus: 1, registers: [], amount: false } }] });
  service.reads("one", "first");
  service.oracle.published(
    JSON.stringify({ id: "1", type: "program.told.v1", data: { fact: "first", what: "x", n: 1 } }),
    "program.told.v1",
    "weaver",
  );
  expect(service.violated).toEqual(["nothing is published before its commit"]);
});

test.each([
  { times: 4, held: false, violated: ["a put that can never be committed is refused at once"] },
  { times: 3, held: false, violated: [] },
  { times: 4, held: true, violated: [] },
])(
  "a put over an item that is there may be tried four times more: $times times, held by others: $held",
  ({ times, held, violated }) => {
    const service = new ToldService({ first: [CREATE], second: [CREATE] });
    service.reads("one", "first");
    service.commits("one", { cell: "p" });
    for (let run = 0; run < times; run++) {
      service.reads(`again-${run}`, "second");
      service.isRefused(`again-${run}`, { cell: "p" }, held);
    }
    service.reads("last", "second");
    expect(service.violated).toEqual(violated);
  },
);
