import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { met, readsItem, shelf, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Puts a number of pieces on the shelf. */
async function stock(name: string, pieces: number): Promise<void> {
  await workshop.deliver([wanted(name)], (_, unit) => unit.put(shelf, { name, pieces }, { overwrite: true }));
}

/** Has another event add to what is on the shelf, from start to end in the midst of this one. */
async function meanwhileAdd(name: string, pieces: number): Promise<void> {
  const { failed } = await workshop.deliver([wanted(name)], (_, unit) =>
    unit.add(shelf, name, "pieces", pieces, { atLeast: 0 }),
  );
  expect(failed).toEqual([]);
}

describe("an item that is read twice", () => {
  test("is the same both times, and what the first read found is what the commit checks", async () => {
    await stock("drill", 10);
    const seen: (number | undefined)[] = [];
    await workshop.deliver([wanted("drill", 1)], async ({ data }, unit) => {
      const first = await unit.get(shelf, "drill");
      if (seen.length === 0) await meanwhileAdd("drill", 5);
      const [second] = await unit.getAll(shelf, ["drill"]);
      seen.push(first?.pieces, second?.pieces);
      unit.put(shelf, { name: "drill", pieces: first!.pieces + data.pieces });
    });

    expect(seen).toEqual([10, 10, 15, 15]);
    expect(await workshop.stored(shelf, "drill")).toMatchObject({ pieces: 16 });
  });

  test("is read from the table once, also when both reads are made at the same time", async () => {
    await stock("level", 1);
    let reads = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (readsItem(command)) reads += 1;
    });
    await workshop.deliver(
      [wanted("level")],
      async (_, unit) => {
        await Promise.all([unit.get(shelf, "level"), unit.get(shelf, "level")]);
        await unit.get(shelf, "level");
      },
      { clients: { ...workshop.clients, dynamodb } },
    );
    expect(reads).toBe(1);
  });

  test("is a new object each time: what the handler does to one is not seen in the next", async () => {
    await stock("pliers", 1);
    let second: unknown;
    await workshop.deliver([wanted("pliers")], async (_, unit) => {
      const first: { pieces?: number } = (await unit.get(shelf, "pliers")) ?? {};
      first.pieces = 99;
      second = await unit.get(shelf, "pliers");
    });
    expect(second).toEqual({ name: "pliers", pieces: 1 });
  });

  test("may be read again when the first read failed", async () => {
    await stock("clamp", 3);
    let reads = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (readsItem(command) && ++reads === 1) throw new Error("DynamoDB is too busy");
    });
    let found: unknown;
    await workshop.deliver(
      [wanted("clamp")],
      async (_, unit) => {
        await expect(unit.get(shelf, "clamp")).rejects.toThrow("too busy");
        found = await unit.get(shelf, "clamp");
      },
      { clients: { ...workshop.clients, dynamodb } },
    );
    expect(found).toMatchObject({ pieces: 3 });
  });
});

describe("a unit's own writes are seen by its reads", () => {
  const readBack = async (name: string, write: WorkshopHandler): Promise<unknown> => {
    let found: unknown = "never read";
    const { failed } = await workshop.deliver([wanted(name)], async (event, unit) => {
      await write(event, unit);
      found = await unit.get(shelf, name);
      expect(await unit.getAll(shelf, [name])).toEqual([found]);
    });
    expect(failed).toEqual([]);
    return found;
  };

  test("an item that was put", async () => {
    expect(await readBack("awl", (_, unit) => unit.put(shelf, { name: "awl", pieces: 7 }))).toEqual({ name: "awl", pieces: 7 });
  });

  test("an item that was put before a checkpoint", async () => {
    const write: WorkshopHandler = async (_, unit) => {
      unit.put(shelf, { name: "rasp", pieces: 7, note: undefined });
      await unit.checkpoint();
    };
    expect(await readBack("rasp", write)).toEqual({ name: "rasp", pieces: 7 });
  });

  test("an item that was deleted", async () => {
    await stock("wedge", 1);
    expect(await readBack("wedge", (_, unit) => unit.delete(shelf, "wedge"))).toBeUndefined();
  });

  test("a number that was added to, with what it had before", async () => {
    await stock("nail", 100);
    const add: WorkshopHandler = (_, unit) => unit.add(shelf, "nail", "pieces", -30, { atLeast: 0 });
    expect(await readBack("nail", add)).toEqual({ name: "nail", pieces: 70 });
  });

  test("a number that was added to before a checkpoint, with what others have added meanwhile", async () => {
    await stock("screw", 100);
    const add: WorkshopHandler = async (_, unit) => {
      unit.add(shelf, "screw", "pieces", -30, { atLeast: 0 });
      await meanwhileAdd("screw", 7);
      await unit.checkpoint();
    };
    expect(await readBack("screw", add)).toEqual({ name: "screw", pieces: 77 });
  });
});

describe("an item that a handler decides by and does not write", () => {
  /** Takes the last piece of one tool as long as there is one of the other. */
  const takeIfOther =
    (mine: string, other: string, unchanged: boolean, meanwhile: () => Promise<unknown>): WorkshopHandler =>
    async (_, unit) => {
      const [own, others] = [await unit.get(shelf, mine), await unit.get(shelf, other, { unchanged })];
      await meanwhile();
      if (own!.pieces + others!.pieces > 1) unit.put(shelf, { name: mine, pieces: 0 });
    };

  /** Two handlers take the last piece of two tools at the same time, each because of the other's. Returns how many pieces are left. */
  async function takeBoth(name: string, unchanged: boolean): Promise<number> {
    const [left, right] = [`left ${name}`, `right ${name}`];
    for (const tool of [left, right]) await stock(tool, 1);
    let begun = false;
    const other = takeIfOther(right, left, unchanged, async () => undefined);
    const meanwhile = async () => {
      if (!begun) await ((begun = true), workshop.deliver([wanted(name)], other));
    };
    const { failed } = await workshop.deliver([wanted(name)], takeIfOther(left, right, unchanged, meanwhile));
    expect(failed).toEqual([]);
    const pieces = [await workshop.stored(shelf, left), await workshop.stored(shelf, right)].map((item) =>
      Number(item?.["pieces"]),
    );
    return pieces.reduce((sum, number) => sum + number, 0);
  }

  test("is checked at the commit when the handler asks for it", async () => {
    expect(await takeBoth("glove", true)).toBe(1);
  });

  test("may have changed by the commit when it does not", async () => {
    expect(await takeBoth("sock", false)).toBe(0);
  });

  test("is checked when it is added to as well", async () => {
    await stock("rope", 10);
    let runs = 0;
    await workshop.deliver([wanted("rope")], async (_, unit) => {
      runs += 1;
      const known = await unit.get(shelf, "rope", { unchanged: true });
      if (runs === 1) await meanwhileAdd("rope", 5);
      unit.add(shelf, "rope", "pieces", -(known?.pieces ?? 0), { atLeast: 0 });
    });
    expect(runs).toBe(2);
    expect(await workshop.stored(shelf, "rope")).toMatchObject({ pieces: 0 });
  });

  test("is checked at each commit of a handler that makes several, by what the one before has left", async () => {
    await stock("chain", 10);
    const { failed } = await workshop.deliver([wanted("chain")], async (_, unit) => {
      await unit.get(shelf, "chain", { unchanged: true });
      for (let step = 0; step < 3; step++) {
        unit.add(shelf, "chain", "pieces", -1, { atLeast: 0 });
        await unit.checkpoint();
      }
    });
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "chain")).toMatchObject({ pieces: 7 });
  });

  test("that does not exist must not come to be", async () => {
    let runs = 0;
    await workshop.deliver([wanted("ghost")], async ({ data }, unit) => {
      runs += 1;
      const other = await unit.get(shelf, "not there", { unchanged: true });
      if (runs === 1) await workshop.deliver([wanted("x")], (_, its) => its.put(shelf, { name: "not there", pieces: 1 }));
      unit.put(shelf, { ...data, note: other ? "came second" : "came first" });
    });
    expect(await workshop.stored(shelf, "ghost")).toMatchObject({ note: "came second" });
  });
});

test("each run of the handler gets the event as it was published, whatever the run before has done to it", async () => {
  await stock("bolt", 0);
  const event = wanted("bolt", 3);
  let runs = 0;
  await workshop.deliver([event], async ({ data }, unit) => {
    runs += 1;
    const wish: { pieces: number } = data;
    const known = await unit.get(shelf, "bolt");
    if (runs === 1) await meanwhileAdd("bolt", 100);
    let added = 0;
    for (; wish.pieces > 0; wish.pieces--) added += 1;
    unit.put(shelf, { name: "bolt", pieces: known!.pieces + added });
  });

  expect(runs).toBe(2);
  expect(await workshop.stored(shelf, "bolt")).toMatchObject({ pieces: 103 });
});
