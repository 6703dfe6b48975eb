import { PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyOf } from "#lib/contracts/entity.ts";
import { defineEntity, type ItemOf, upcastFrom } from "#lib/contracts/index.ts";
import type { UnitOfWork } from "#lib/runtime/index.ts";
import { handleWith, type Handled, type Owning } from "../one-entity.ts";
import { met, Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** A part in a drawer; its number orders the drawer's parts. */
const part = defineEntity({
  name: "part",
  schema: v.object({
    drawer: v.string(),
    number: v.string(),
    maker: v.optional(v.string()),
    pieces: v.optional(v.number(), 1),
    until: v.optional(v.string()),
  }),
  id: ({ drawer, number }) => [drawer, number],
  indexes: { byMaker: { partition: ({ maker }) => maker, sort: ({ number }) => number } },
  expires: ({ until }) => (until === undefined ? undefined : new Date(until)),
});

type Unit = UnitOfWork<Owning<typeof part>>;
type Options = Parameters<Unit["query"]>[2];

const handle = (work: (unit: Unit) => unknown, clients = workshop.clients): Promise<Handled> =>
  handleWith(workshop, part, work, { clients });

/** Puts parts into a drawer, or out of it if they have another one. */
async function fill(drawer: string, parts: readonly Partial<ItemOf<typeof part>>[]): Promise<void> {
  const { outcome } = await handle((unit) => {
    for (const one of parts) unit.put(part, { drawer, number: "1", pieces: 1, ...one }, { overwrite: true });
  });
  expect(outcome).toBe("done");
}

/** The numbers of the parts that a query finds. */
async function numbers(unit: Unit, partition: string, options?: Options): Promise<string[]> {
  return (await Array.fromAsync(unit.query(part, partition, options))).map(({ number }) => number);
}

/** The same, of an event that does nothing else. */
async function found(partition: string, options?: Options, clients = workshop.clients): Promise<string[]> {
  let result: string[] = [];
  const { outcome } = await handle(async (unit) => {
    result = await numbers(unit, partition, options);
  }, clients);
  expect(outcome).toBe("done");
  return result;
}

const past = () => new Date(Date.now() - 60_000).toISOString();

describe("the items of a partition", () => {
  beforeAll(async () => {
    await fill(
      "bolts",
      ["03", "01", "05", "02", "04"].map((number) => ({ number })),
    );
    await fill("bolt", [{ number: "99" }]);
  });

  test.each<[options: Options, expected: string[]]>([
    [{}, ["01", "02", "03", "04", "05"]],
    [{ descending: true }, ["05", "04", "03", "02", "01"]],
    [{ limit: 2 }, ["01", "02"]],
    [{ limit: 2, descending: true }, ["05", "04"]],
    [{ limit: 0 }, []],
    [{ from: "02" }, ["02", "03", "04", "05"]],
    [{ to: "02" }, ["01", "02"]],
    [{ from: "02", to: "04" }, ["02", "03", "04"]],
    [{ from: "04", to: "02" }, []],
    [{ to: "" }, []],
    [{ prefix: "0" }, ["01", "02", "03", "04", "05"]],
    [{ prefix: "03" }, ["03"]],
    [{ prefix: "1" }, []],
  ])("are found by %j", async (options, expected) => {
    expect(await found("bolts", options)).toEqual(expected);
  });

  test("are none where there is no such partition", async () => {
    expect(await found("nuts")).toEqual([]);
  });

  test("are read page by page as the loop goes on, and no further than it goes", async () => {
    let pages = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (!(command instanceof QueryCommand)) return;
      pages += 1;
      command.input.Limit = 2;
    });
    const clients = { ...workshop.clients, dynamodb };
    expect(await found("bolts", {}, clients)).toEqual(["01", "02", "03", "04", "05"]);
    expect(pages).toBe(3);

    pages = 0;
    await handle(async (unit) => {
      for await (const { number } of unit.query(part, "bolts")) if (number === "02") break;
    }, clients);
    expect(pages).toBe(1);
  });

  test("are those that have not expired, to the number that is asked for", async () => {
    await fill("fuses", [{ number: "1", until: past() }, { number: "2" }, { number: "3", until: past() }, { number: "4" }]);
    expect(await found("fuses")).toEqual(["2", "4"]);
    expect(await found("fuses", { limit: 2 })).toEqual(["2", "4"]);
  });

  test("come in the entity's version", async () => {
    const first = defineEntity({ name: "page", schema: v.object({ id: v.string() }), id: ({ id }) => ["book", id] });
    const second = defineEntity({
      name: "page",
      version: 2,
      schema: v.object({ id: v.string(), lines: v.number() }),
      id: ({ id }) => ["book", id],
      upcasts: [upcastFrom(first, ({ id }) => ({ id, lines: 0 }))],
    });
    await handleWith(workshop, first, (unit) => unit.put(first, { id: "a" }));
    const { outcome } = await handleWith(workshop, second, async (unit) => {
      expect(await Array.fromAsync(unit.query(second, "book"))).toEqual([{ id: "a", lines: 0 }]);
    });
    expect(outcome).toBe("done");
  });
});

describe("a query sees what its own unit has written before", () => {
  test("items that were put, replaced, added to and deleted, each in its place", async () => {
    await fill(
      "rivets",
      ["b", "d", "f", "h"].map((number) => ({ number })),
    );
    const { outcome } = await handle(async (unit) => {
      const [b] = await unit.getAll(part, [["rivets", "b"]]);
      unit.put(part, { ...b!, pieces: 7 });
      for (const number of ["a", "e", "z"]) unit.put(part, { drawer: "rivets", number, pieces: 2 });
      unit.delete(part, ["rivets", "f"]);
      unit.add(part, ["rivets", "h"], "pieces", 4, { atLeast: 0 });
      const seen = await Array.fromAsync(unit.query(part, "rivets"));
      expect(seen.map(({ number, pieces }) => `${number}${pieces}`)).toEqual(["a2", "b7", "d1", "e2", "h5", "z2"]);
      expect(await numbers(unit, "rivets", { descending: true, limit: 3 })).toEqual(["z", "h", "e"]);
      expect(await numbers(unit, "rivets", { from: "b", to: "e" })).toEqual(["b", "d", "e"]);
    });
    expect(outcome).toBe("done");
  });

  test("in the order of DynamoDB, which is not JavaScript's", async () => {
    const [low, high] = ["\u{ff5e}", "\u{1f529}"];
    await fill("signs", [{ number: high }]);
    await handle(async (unit) => {
      unit.put(part, { drawer: "signs", number: low, pieces: 1 });
      expect(await numbers(unit, "signs")).toEqual([low, high]);
      expect(await numbers(unit, "signs", { to: low })).toEqual([low]);
    });
    expect(await found("signs")).toEqual([low, high]);
  });

  test("and a loop that puts items into the partition comes to its end", async () => {
    await fill("screws", [{ number: "1" }, { number: "2" }]);
    let turns = 0;
    const { outcome } = await handle(async (unit) => {
      for await (const one of unit.query(part, "screws")) {
        turns += 1;
        unit.put(part, { ...one, number: `${one.number}9` });
      }
    });
    expect([outcome, turns]).toEqual(["done", 2]);
    expect(await found("screws")).toEqual(["1", "19", "2", "29"]);
  });

  test("and what the loop has deleted is not met any more", async () => {
    await fill(
      "tacks",
      ["1", "2", "3"].map((number) => ({ number })),
    );
    const { outcome } = await handle(async (unit) => {
      const met: string[] = [];
      for await (const { number } of unit.query(part, "tacks")) {
        met.push(number);
        unit.delete(part, ["tacks", "3"]);
      }
      expect(met).toEqual(["1", "2"]);
    });
    expect(outcome).toBe("done");
  });
});

describe("an item that a query has read", () => {
  test.each<[where: string, options: Options, partition: string]>([
    ["the table", {}, "dowels"],
    ["an index", { index: "byMaker" }, "dowel maker"],
  ])("from %s must not have changed when it is put: else the handler runs again", async (_, options, partition) => {
    await fill("dowels", [{ number: "1", maker: "dowel maker" }]);
    const seen: number[] = [];
    const { outcome } = await handle(async (unit) => {
      for await (const one of unit.query(part, partition, options)) {
        seen.push(one.pieces);
        if (seen.length === 1) await handle((other) => other.add(part, ["dowels", "1"], "pieces", 10, { atLeast: 0 }));
        unit.put(part, { ...one, pieces: one.pieces + 1 });
      }
    });
    expect(outcome).toBe("done");
    expect(seen).toEqual([1, 11]);
    expect(await workshop.stored(part, ["dowels", "1"])).toMatchObject({ pieces: 12 });
  });

  test("must not have changed although it is only read, where the handler asks for that", async () => {
    await fill("pins", [{ number: "1" }]);
    let runs = 0;
    const { outcome } = await handle(async (unit) => {
      runs += 1;
      await numbers(unit, "pins", { unchanged: true });
      if (runs === 1) await handle((other) => other.add(part, ["pins", "1"], "pieces", 1, { atLeast: 0 }));
      unit.put(part, { drawer: "pin counts", number: "1", pieces: 1 }, { overwrite: true });
    });
    expect([outcome, runs]).toEqual(["done", 2]);
  });

  test("is the one that was read before, if it was", async () => {
    await fill("clips", [{ number: "1" }]);
    const { outcome } = await handle(async (unit) => {
      const before = await unit.get(part, ["clips", "1"]);
      await handle((other) => other.add(part, ["clips", "1"], "pieces", 5, { atLeast: 0 }));
      expect(await Array.fromAsync(unit.query(part, "clips"))).toEqual([before]);
    });
    expect(outcome).toBe("done");
  });
});

describe("an index", () => {
  test("has the items by another key, and leaves out those that have none", async () => {
    await fill("north", [{ number: "1", maker: "Ann" }, { number: "3", maker: "Ann" }, { number: "5" }]);
    await fill("south", [
      { number: "2", maker: "Ann" },
      { number: "4", maker: "Bob" },
    ]);

    expect(await found("Ann", { index: "byMaker" })).toEqual(["1", "2", "3"]);
    expect(await found("Ann", { index: "byMaker", from: "2", limit: 1 })).toEqual(["2"]);
    expect(await found("Bob", { index: "byMaker" })).toEqual(["4"]);
    expect(await found("undefined", { index: "byMaker" })).toEqual([]);
  });

  test("follows an item to another key, and lets go of one that has none any more", async () => {
    await fill("moving", [
      { number: "1", maker: "Cat" },
      { number: "2", maker: "Cat" },
    ]);
    await fill("moving", [{ number: "1", maker: "Dan" }, { number: "2" }]);

    expect(await found("Cat", { index: "byMaker" })).toEqual([]);
    expect(await found("Dan", { index: "byMaker" })).toEqual(["1"]);
  });

  test("sees where the unit itself has put an item", async () => {
    await fill("own", [
      { number: "1", maker: "Eve" },
      { number: "2", maker: "Eve" },
    ]);
    const { outcome } = await handle(async (unit) => {
      const one = await unit.get(part, ["own", "1"]);
      unit.put(part, { ...one!, maker: "Fay" });
      unit.put(part, { drawer: "own", number: "0", maker: "Eve", pieces: 1 });
      expect(await numbers(unit, "Eve", { index: "byMaker" })).toEqual(["0", "2"]);
      expect(await numbers(unit, "Fay", { index: "byMaker" })).toEqual(["1"]);
    });
    expect(outcome).toBe("done");
  });

  test("is shared by entities of the same table, and each finds its own items", async () => {
    const tool = defineEntity({ ...part, name: "tool" });
    await fill("shared", [{ number: "1", maker: "Gus" }]);
    await handleWith(workshop, tool, (unit) => unit.put(tool, { drawer: "shared", number: "7", maker: "Gus", pieces: 1 }));
    expect(await found("Gus", { index: "byMaker" })).toEqual(["1"]);
  });

  test("that lags behind the table shows no item that has left the partition since", async () => {
    await fill("late", [
      { number: "1", maker: "Hal" },
      { number: "2", maker: "Ida" },
    ]);
    const entry = (number: string) =>
      marshall({ ...keyOf(part, ["late", number]), "index#byMaker#pk": "part#Hal", "index#byMaker#sk": number });
    const stale = met(workshop.clients.dynamodb, (command) =>
      command instanceof QueryCommand ? { Items: [entry("1"), entry("2"), entry("gone")] } : undefined,
    );
    expect(await found("Hal", { index: "byMaker" }, { ...workshop.clients, dynamodb: stale })).toEqual(["1"]);
  });
});

test("an item that does not fit its entity is named", async () => {
  const Item = marshall({ ...keyOf(part, ["odd", "1"]), drawer: "odd", number: 1, version: 1 });
  await workshop.clients.dynamodb.send(new PutItemCommand({ TableName: "workshop", Item }));
  const { outcome, reason } = await handle((unit) => numbers(unit, "odd"));
  expect(outcome).toBe("retry");
  expect(reason).toMatch(/the item part#odd, 1 does not fit version 1 of the entity part: data\.number: /);
});
