import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import { createEnvelope, type Envelope } from "#lib/contracts/index.ts";
import {
  type DeliveryOptions,
  paper,
  shelf,
  toolMade,
  toolWanted,
  wanted,
  Workshop,
  type WorkshopHandler,
} from "../workshop.ts";

/** Each event is remembered in the tool that it is about. */
const inbox: InboxHome = { entity: shelf, id: ({ subject }) => subject };

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Adds the event's pieces to its tool. */
const add: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
};

/** Hands an event to the workshop, and says how it ended. */
async function deliver(event: Envelope, handler = add, options: DeliveryOptions = {}): Promise<string | undefined> {
  const { log } = await workshop.deliver([event], handler, { inbox, ...options });
  return log.at(-1)?.message;
}

describe("what an item remembers", () => {
  test("stays when another event writes the item before and after a checkpoint", async () => {
    const earlier = wanted("chuck", 5);
    await deliver(earlier);
    const twice: WorkshopHandler = async (_, unit) => {
      const chuck = await unit.get(shelf, "chuck");
      unit.put(shelf, { ...chuck!, note: "halfway" });
      await unit.checkpoint();
      unit.put(shelf, { ...chuck!, note: "done" });
    };
    expect(await deliver(wanted("drill"), twice)).toBe("event done");
    expect(await deliver(earlier)).toBe("event duplicate");
    expect(await workshop.stored(shelf, "chuck")).toMatchObject({ pieces: 5, note: "done" });
  });

  test("stays when another event overwrites the item unread, and again after a checkpoint", async () => {
    const earlier = wanted("jig", 5);
    await deliver(earlier);
    const twice: WorkshopHandler = async (_, unit) => {
      unit.put(shelf, { name: "jig", pieces: 1 }, { overwrite: true });
      await unit.checkpoint();
      unit.put(shelf, { name: "jig", pieces: 2 }, { overwrite: true });
    };
    expect(await deliver(wanted("drill"), twice)).toBe("event done");
    expect(await deliver(earlier)).toBe("event duplicate");
    expect(await workshop.stored(shelf, "jig")).toMatchObject({ pieces: 2 });
  });

  test("may be nothing when a checkpoint deletes the item", async () => {
    // An item from before, of which nothing is remembered any more.
    await deliver(wanted("bench"), (_, unit) => unit.put(shelf, { name: "rag", pieces: 1 }));
    const clear: WorkshopHandler = async (_, unit) => {
      if (!(await unit.get(shelf, "rag"))) return;
      unit.delete(shelf, "rag");
      await unit.checkpoint();
    };
    const event = wanted("rag");
    expect(await deliver(event, clear)).toBe("event done");
    expect(await deliver(event, add)).toBe("event duplicate");
  });

  test("does not make the item too large for the table, however much its events emit", async () => {
    const events = Array.from({ length: 8 }, () => wanted("press"));
    const tell: WorkshopHandler = async (event, unit) => {
      await add(event, unit);
      unit.emit(toolMade, { ...event.data, note: "x".repeat(100_000) });
    };
    const outcomes: unknown[] = [];
    for (const event of [...events, ...events]) outcomes.push(await deliver(event, tell));
    expect(outcomes).toEqual([...events.map(() => "event done"), ...events.map(() => "event duplicate")]);
    expect(await workshop.stored(shelf, "press")).toMatchObject({ pieces: 8 });
  });

  test("is moved to records as far as a transaction has room beside the handler's writes", async () => {
    for (let index = 0; index < 50; index++) await deliver(wanted("case"), () => {});
    const event = wanted("case");
    const many: WorkshopHandler = (_, unit) => {
      for (let index = 0; index < 90; index++) unit.put(paper, { name: `sheet ${index}` }, { overwrite: true });
    };
    expect([await deliver(event, many), await deliver(event, many)]).toEqual(["event done", "event duplicate"]);
  });

  test("is moved to records even when two sources have used one id", async () => {
    const from = (source: string, id: string) => createEnvelope(toolWanted, { name: "clamp", pieces: 1 }, { source, id });
    const ids = Array.from({ length: 30 }, (_, index) => `clamp-${index}`);
    const events = ids.flatMap((id) => ["east", "west"].map((source) => from(source, id)));
    const outcomes: unknown[] = [];
    for (const event of [...events, ...events]) outcomes.push(await deliver(event));
    expect(outcomes).toEqual([...events.map(() => "event done"), ...events.map(() => "event duplicate")]);
    expect(await workshop.stored(shelf, "clamp")).toMatchObject({ pieces: 60 });
  });
});

describe("an item that only the inbox has read", () => {
  test.each<[string, WorkshopHandler]>([
    ["an outside effect", async ({ id }, unit) => void (await unit.effects.once(`ring ${id}`, async () => 1))],
    [
      "a checkpoint",
      async ({ data }, unit) => {
        unit.put(paper, { name: `step of ${data.name}` });
        await unit.checkpoint();
      },
    ],
    [
      "a checkpoint that stores events",
      async ({ data }, unit) => {
        unit.emit(toolMade, data);
        await unit.checkpoint();
      },
    ],
  ])("before %s is not put by a handler that does not know of it", async (before, first) => {
    const name = `grindstone before ${before}`;
    await deliver(wanted(name, 5));
    const event = wanted(name);
    const put: WorkshopHandler = async (received, unit) => {
      await first(received, unit);
      unit.put(shelf, received.data);
    };
    expect(await deliver(event, put)).toBe("event dead");
    expect(workshop.deadLetters(event)[0]?.reason["errorMessage"]).toContain("overwrite: true");
    expect(await workshop.stored(shelf, name)).toMatchObject({ pieces: 5 });
  });
});

test.each<[string, (event: Envelope) => Record<string, unknown>]>([
  ["the item", ({ source }) => ({ inbox: [{ id: "other", source, outgoing: "of tomorrow", expiresAt: 9e9 }] })],
  ["a record", ({ source }) => ({ source, outgoing: "of tomorrow", expiresAt: 9e9 })],
])("an event waits for code that can read what newer code has left in %s", async (place, left) => {
  await using fresh = await Workshop.open();
  const event = wanted(`adze in ${place}`);
  const key = place === "a record" ? { pk: `inbox#workshop#${event.id}`, sk: "-" } : { pk: `shelf#${event.subject}`, sk: "-" };
  const Item = marshall({ ...key, version: 1, name: event.subject, pieces: 1, ...left(event) });
  await fresh.clients.dynamodb.send(new PutItemCommand({ TableName: "workshop", Item }));
  const { log } = await fresh.deliver([event], add, place === "a record" ? {} : { inbox });
  expect(log.at(-1)).toMatchObject({ message: "event retried later", details: { because: "unavailable" } });
});
