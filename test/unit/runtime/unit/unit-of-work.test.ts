import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { met, paper, shelf, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Puts a number of pieces on the shelf. */
async function stock(name: string, pieces: number): Promise<void> {
  await workshop.deliver([wanted(name)], (_, unit) => unit.put(shelf, { name, pieces }, { overwrite: true }));
}

/** Another event, handled from start to end in the midst of this one. */
async function meanwhile(handler: WorkshopHandler): Promise<void> {
  const { failed } = await workshop.deliver([wanted("meanwhile")], handler);
  expect(failed).toEqual([]);
}

describe("an item that is put", () => {
  test("has a version that goes up by one each time", async () => {
    const put: WorkshopHandler = async ({ data }, unit) => {
      await unit.get(shelf, data.name);
      unit.put(shelf, data);
    };
    await workshop.deliver([wanted("hammer", 1)], put);
    const made = await workshop.stored(shelf, "hammer");
    await workshop.deliver([wanted("hammer", 2)], put);
    expect(await workshop.stored(shelf, "hammer")).toMatchObject({ pieces: 2, version: Number(made?.["version"]) + 1 });
  });

  test("unread and then deleted is not another event's", async () => {
    await workshop.deliver([wanted("theirs")], (_, unit) => unit.put(paper, { name: "theirs" }));
    const event = wanted("ours");
    await workshop.deliver([event], (_, unit) => {
      unit.put(paper, { name: "theirs" });
      unit.delete(paper, "theirs");
    });

    expect(await workshop.stored(paper, "theirs")).toBeDefined();
    expect(workshop.deadLetters(event)[0]?.reason["errorMessage"]).toContain("without having read it");
  });

  test("unread and then deleted is gone where nobody else has it", async () => {
    const { log } = await workshop.deliver([wanted("passing")], (_, unit) => {
      unit.put(paper, { name: "passing" });
      unit.delete(paper, "passing");
    });

    expect(log.map(({ message }) => message)).toEqual(["event done"]);
    expect(await workshop.stored(paper, "passing")).toBeUndefined();
  });

  test("anew after it was deleted does not pass for the one that was", async () => {
    const put: WorkshopHandler = ({ data }, unit) => unit.put(shelf, data);
    await workshop.deliver([wanted("wedge", 1)], put);
    const read = Promise.withResolvers<void>();
    const replaced = Promise.withResolvers<void>();
    let runs = 0;
    const slow = workshop.deliver([wanted("wedge", 7)], async ({ data }, unit) => {
      await unit.get(shelf, "wedge");
      runs += 1;
      read.resolve();
      await replaced.promise;
      unit.put(shelf, data);
    });
    await read.promise;
    await workshop.deliver([wanted("wedge")], (_, unit) => unit.delete(shelf, "wedge"));
    await workshop.deliver([wanted("wedge", 2)], put);
    replaced.resolve();

    expect((await slow).failed).toEqual([]);
    expect(runs).toBe(2);
  });

  test("without having been read is not written over one that exists", async () => {
    await stock("saw", 1);
    const event = wanted("saw", 5);
    let runs = 0;
    const { failed } = await workshop.deliver([event], ({ data }, unit) => {
      runs += 1;
      unit.put(shelf, data);
    });

    expect(failed).toEqual([]);
    expect(runs).toBe(1);
    const reason = {
      errorName: "PermanentError",
      errorMessage: expect.stringMatching(/the shelf "saw" exists.*unit\.get.*overwrite: true/),
    };
    expect(workshop.deadLetters(event)).toMatchObject([{ reason }]);
    expect(await workshop.stored(shelf, "saw")).toMatchObject({ pieces: 1 });
  });

  test("to overwrite is written over whatever is there", async () => {
    await stock("file", 1);
    await stock("file", 2);
    expect(await workshop.stored(shelf, "file")).toMatchObject({ pieces: 2 });
  });

  test("leaves out what is undefined", async () => {
    await workshop.deliver([wanted("awl")], (_, unit) => unit.put(shelf, { name: "awl", pieces: 1, note: undefined }));
    expect(await workshop.stored(shelf, "awl")).not.toHaveProperty("note");
  });

  test("against its schema is refused for good, and the attribute is named", async () => {
    const event = wanted("rasp");
    const { failed } = await workshop.deliver([event], (_, unit) => unit.put(shelf, { name: "rasp", pieces: Number.NaN }));

    expect(failed).toEqual([]);
    expect(workshop.deadLetters(event)).toMatchObject([{ reason: { errorMessage: expect.stringContaining("pieces") } }]);
  });

  test.each(["pk", "sk", "version", "expiresAt"])("with the runtime's own attribute %s is refused for good", async (taken) => {
    const event = wanted(`own ${taken}`);
    const { failed } = await workshop.deliver([event], ({ data }, unit) => unit.put(paper, { name: data.name, [taken]: 1 }));

    expect(failed).toEqual([]);
    expect(workshop.deadLetters(event)).toMatchObject([
      { reason: { errorName: "PermanentError", errorMessage: expect.stringContaining(`"${taken}"`) } },
    ]);
    expect(await workshop.stored(paper, `own ${taken}`)).toBeUndefined();
  });
});

describe("state that changes under a handler", () => {
  test("makes it run again on fresh state, so that no update is lost", async () => {
    await stock("drill", 10);
    const seen: number[] = [];
    const { failed } = await workshop.deliver([wanted("drill", 1)], async ({ data }, unit) => {
      const known = await unit.get(shelf, data.name);
      seen.push(known!.pieces);
      if (seen.length === 1) await meanwhile((_, other) => other.add(shelf, "drill", "pieces", 20, { atLeast: 0 }));
      unit.put(shelf, { ...known!, pieces: known!.pieces + data.pieces });
    });

    expect(failed).toEqual([]);
    expect(seen).toEqual([10, 30]);
    expect(await workshop.stored(shelf, "drill")).toMatchObject({ pieces: 31 });
  });

  test("by many at once loses none of their updates", async () => {
    await stock("nail", 0);
    let left = Array.from({ length: 10 }, () => wanted("nail", 1));
    for (let attempt = 1; left.length > 0; attempt++) {
      const { failed } = await workshop.deliver(
        left,
        async ({ data }, unit) => {
          const known = await unit.get(shelf, "nail");
          unit.put(shelf, { name: "nail", pieces: known!.pieces + data.pieces });
        },
        { attempt },
      );
      left = left.filter(({ id }) => failed.includes(id));
    }
    expect(await workshop.stored(shelf, "nail")).toMatchObject({ pieces: 10 });
  });

  test("keeps an item from being deleted that was not read so", async () => {
    await stock("plane", 1);
    let runs = 0;
    const event = wanted("plane");
    await workshop.deliver([event], async (_, unit) => {
      runs += 1;
      const known = await unit.get(shelf, "plane");
      if (runs === 1) await meanwhile((_event, other) => other.add(shelf, "plane", "pieces", 4, { atLeast: 0 }));
      if (known!.pieces === 1) unit.delete(shelf, "plane");
    });

    expect(runs).toBe(2);
    expect(await workshop.stored(shelf, "plane")).toMatchObject({ pieces: 5 });
  });
});

describe("a number that is added to", () => {
  test("has every addition, whoever else adds at the same time", async () => {
    await stock("screw", 100);
    let left = Array.from({ length: 10 }, () => wanted("screw", 3));
    for (let attempt = 1; left.length > 0; attempt++) {
      const { failed } = await workshop.deliver(
        left,
        ({ data }, unit) => unit.add(shelf, "screw", "pieces", -data.pieces, { atLeast: 0 }),
        { attempt },
      );
      left = left.filter(({ id }) => failed.includes(id));
    }
    expect(await workshop.stored(shelf, "screw")).toMatchObject({ pieces: 70 });
  });

  test("goes down to its least and not below", async () => {
    await stock("bolt", 5);
    const take: WorkshopHandler = ({ data }, unit) => unit.add(shelf, "bolt", "pieces", -data.pieces, { atLeast: 2 });
    const [most, more] = [wanted("bolt", 3), wanted("bolt", 1)];

    expect(await workshop.deliver([most], take)).toMatchObject({ failed: [] });
    expect(await workshop.deliver([more], take)).toMatchObject({ failed: [more.id] });
    expect(await workshop.stored(shelf, "bolt")).toMatchObject({ pieces: 2 });
  });

  test("twice by one handler is added to once, by the sum", async () => {
    await stock("rivet", 5);
    await workshop.deliver([wanted("rivet")], (_, unit) => {
      unit.add(shelf, "rivet", "pieces", -2, { atLeast: 0 });
      unit.add(shelf, "rivet", "pieces", -3, { atLeast: 0 });
    });
    expect(await workshop.stored(shelf, "rivet")).toMatchObject({ pieces: 0 });
  });

  test("changes the item's version, so that a handler that has read it learns of it", async () => {
    await stock("peg", 5);
    const before = await workshop.stored(shelf, "peg");
    await workshop.deliver([wanted("peg")], (_, unit) => unit.add(shelf, "peg", "pieces", 1, { atLeast: 0 }));
    expect(await workshop.stored(shelf, "peg")).toMatchObject({ version: Number(before?.["version"]) + 1 });
  });
});

describe("many items that are read", () => {
  const names = Array.from({ length: 230 }, (_, index) => `bit ${index}`);

  beforeAll(async () => {
    for (let start = 0; start < names.length; start += 50) {
      await workshop.deliver([wanted("bits")], (_, unit) => {
        for (const name of names.slice(start, start + 50)) unit.put(shelf, { name, pieces: start });
      });
    }
  });

  async function readAll(ids: readonly string[], clients = workshop.clients): Promise<(string | undefined)[]> {
    let found: (string | undefined)[] = [];
    const { failed } = await workshop.deliver(
      [wanted("bits")],
      async (_, unit) => {
        found = (await unit.getAll(shelf, ids)).map((item) => item?.name);
      },
      { clients },
    );
    expect(failed).toEqual([]);
    return found;
  }

  test("stand in the order of their ids, twice where asked for twice, undefined where there is none", async () => {
    const ids = [...names.toReversed(), "no such bit", "bit 7"];
    expect(await readAll(ids)).toEqual([...names.toReversed(), undefined, "bit 7"]);
  });

  test("are all there even when DynamoDB leaves some of them for later", async () => {
    let calls = 0;
    const dynamodb = met(workshop.clients.dynamodb, (command) => {
      if (!(command instanceof BatchGetItemCommand) || calls++ > 2) return undefined;
      return { Responses: {}, UnprocessedKeys: command.input.RequestItems };
    });
    expect(await readAll(names, { ...workshop.clients, dynamodb })).toEqual(names);
    expect(calls).toBeGreaterThan(3);
  });
});
