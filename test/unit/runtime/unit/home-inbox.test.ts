import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import { createEnvelope, type Envelope } from "#lib/contracts/index.ts";
import { PermanentError } from "#lib/runtime/index.ts";
import {
  type DeliveryOptions,
  met,
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

/** Adds the event's pieces to its tool, and tells of it. */
const add: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
  unit.emit(toolMade, data);
};

const deliver = (events: readonly Envelope[], handler = add, options: DeliveryOptions = {}) =>
  workshop.deliver(events, handler, { inbox, ...options });

const outcomes = async (...deliveries: ReturnType<typeof deliver>[]) =>
  (await Promise.all(deliveries)).flatMap(({ log }) => log.map(({ message }) => message));

const recordOf = ({ id }: Envelope) => workshop.stored({ name: "inbox" }, `workshop#${id}`);

/** The calls that a delivery makes to the table, without those that look where the inbox lies. */
async function callsOf(handler: WorkshopHandler, options: DeliveryOptions = {}, event = wanted("call")): Promise<string[]> {
  const calls: string[] = [];
  const dynamodb = met(workshop.clients.dynamodb, (command) => {
    if (command instanceof GetItemCommand && command.input.Key?.["pk"]?.S?.startsWith("handling#")) return;
    const size = command instanceof TransactWriteItemsCommand ? ` of ${command.input.TransactItems?.length}` : "";
    calls.push(`${command.constructor.name.replace("Command", "")}${size}`);
  });
  const { failed } = await deliver([event], handler, { clients: { ...workshop.clients, dynamodb }, ...options });
  expect(failed).toEqual([]);
  return calls;
}

describe("an event that is remembered in the item it is about", () => {
  test("and changes only that costs one read and one write, and has no record", async () => {
    await deliver([wanted("first in the table")]);
    const event = wanted("saw");
    expect(await callsOf(add, {}, event)).toEqual(["GetItem", "PutItem"]);
    expect(await recordOf(event)).toBeUndefined();
  });

  test.each([1, 2])("takes effect once, and its copies on receive %i are duplicates", async (attempt) => {
    const event = wanted(`plane ${attempt}`, 3);
    expect(await outcomes(deliver([event]))).toEqual(["event done"]);
    for (let copy = 0; copy < 3; copy++)
      expect(await outcomes(deliver([event], add, { attempt }))).toEqual(["event duplicate"]);

    expect(await workshop.stored(shelf, `plane ${attempt}`)).toMatchObject({ pieces: 3 });
    const published = workshop.publishedAfter(event);
    expect(new Set(published.map(({ id }) => id)).size).toBe(1);
    // Once by the event, once by the first copy, which notes it.
    expect(published).toHaveLength(2);
  });

  test("stays known as published when an event that has read the item before writes it", async () => {
    const event = wanted("drill");
    await deliver([event]);
    let copied = false;
    await deliver([wanted("drill")], async ({ data }, unit) => {
      const before = await unit.get(shelf, data.name);
      if (!copied) await deliver([event]);
      copied = true;
      unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
    });
    expect(await outcomes(deliver([event]))).toEqual(["event duplicate"]);
    // Once by the event, once by the first copy.
    expect(workshop.publishedAfter(event)).toHaveLength(2);
    expect(await workshop.stored(shelf, "drill")).toMatchObject({ pieces: 2 });
  });

  test("takes effect once when copies of it come at the same moment", async () => {
    const event = wanted("rasp", 2);
    const { failed } = await deliver([event, event, event]);
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "rasp")).toMatchObject({ pieces: 2 });
  });

  test("loses no update of the events that come for the same item at the same moment", async () => {
    const events = Array.from({ length: 5 }, (_, index) => wanted("file", index + 1));
    const { failed } = await deliver(events);
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "file")).toMatchObject({ pieces: 15 });
  });

  test("has the events that a crash left unpublished published on redelivery", async () => {
    const event = wanted("vise");
    const sns = met(workshop.clients.sns, (command) => {
      if (command instanceof PublishBatchCommand) throw new Error("SNS is out of order");
    });
    await deliver([event], add, { clients: { ...workshop.clients, sns } });
    expect(workshop.publishedAfter(event)).toEqual([]);
    expect(await outcomes(deliver([event], add, { attempt: 2 }))).toEqual(["event duplicate"]);
    expect(workshop.publishedAfter(event)).toHaveLength(1);
  });

  test("is done when the answer to its write was lost, and the SDK makes it again", async () => {
    const event = wanted("square", 4);
    const dynamodb = met(workshop.clients.dynamodb, async (command) => {
      if (command instanceof PutItemCommand && command.input.Item?.["pk"]?.S === "shelf#square")
        await workshop.clients.dynamodb.send(command);
    });
    expect((await deliver([event], add, { clients: { ...workshop.clients, dynamodb } })).failed).toEqual([]);
    expect(await workshop.stored(shelf, "square")).toMatchObject({ pieces: 4 });
  });

  test("is a duplicate whatever its handler says of a copy", async () => {
    const once: WorkshopHandler = async ({ data }, unit) => {
      if (await unit.get(shelf, data.name)) throw new PermanentError("finished");
      unit.put(shelf, data);
    };
    const event = wanted("lathe");
    expect(await outcomes(deliver([event], once))).toEqual(["event done"]);
    expect(await outcomes(deliver([event], once))).toEqual(["event duplicate"]);
  });

  test("has one outcome, even if its first run changes the item and a later one does not", async () => {
    const event = wanted("door");
    const handler: WorkshopHandler = async ({ data }, unit) => {
      const known = await unit.get(shelf, "door");
      if (!known?.pieces) return unit.emit(toolMade, { ...data, note: "closed" });
      unit.put(shelf, { name: "door", pieces: known.pieces + 1 });
      unit.emit(toolMade, { ...data, note: "open" });
    };
    await deliver([event], handler);
    await deliver([wanted("door")], async (_, unit) => {
      await unit.get(shelf, "door");
      unit.put(shelf, { name: "door", pieces: 1 });
    });
    expect(await outcomes(deliver([event], handler))).toEqual(["event duplicate"]);
    const bodies = workshop.publishedAfter(event).map((published) => JSON.stringify(published.data));
    expect(new Set(bodies)).toEqual(new Set([JSON.stringify({ name: "door", pieces: 1, note: "closed" })]));
  });

  test("is another event than one of another source with its id", async () => {
    const events = ["shop-a", "shop-b"].map((source) =>
      createEnvelope(toolWanted, { name: "rope", pieces: 1 }, { source, id: "1" }),
    );
    for (const event of events) expect(await outcomes(deliver([event]))).toEqual(["event done"]);
    for (const event of events) expect(await outcomes(deliver([event]))).toEqual(["event duplicate"]);
    expect(await workshop.stored(shelf, "rope")).toMatchObject({ pieces: 2 });
  });

  test("is dead at once, with its reason, when its item would have a longer key than DynamoDB takes", async () => {
    const event = { ...wanted("chain"), subject: "x".repeat(2_100) };
    for (const attempt of [1, 2]) expect(await outcomes(deliver([event], add, { attempt }))).toEqual(["event dead"]);
    expect(workshop.deadLetters(event)[0]?.reason["errorMessage"]).toContain("a key of 2106 bytes: DynamoDB takes 2048");
  });

  test("is refused under the id of one with other content", async () => {
    const [event, other] = [1, 2].map((pieces) =>
      createEnvelope(toolWanted, { name: "cord", pieces }, { source: "shop", id: "c" }),
    );
    await deliver([event!]);
    expect(await outcomes(deliver([other!]))).toEqual(["event dead"]);
  });
});

describe("whatever a handler does, its event is remembered in the same item", () => {
  test.each<[string, WorkshopHandler, string[]]>([
    ["nothing", () => {}, ["GetItem", "PutItem"]],
    ["changes another item", ({ data }, unit) => unit.put(paper, { name: data.name }), ["GetItem", "TransactWriteItems of 2"]],
    [
      "changes it and another item",
      async (event, unit) => {
        await add(event, unit);
        unit.put(paper, { name: event.data.name });
      },
      ["GetItem", "TransactWriteItems of 2"],
    ],
    ["puts it without reading it", ({ data }, unit) => unit.put(shelf, data), ["GetItem", "PutItem"]],
    ["overwrites it", ({ data }, unit) => unit.put(shelf, data, { overwrite: true }), ["GetItem", "PutItem"]],
    ["deletes it", ({ data }, unit) => unit.delete(shelf, data.name), ["GetItem", "PutItem"]],
    [
      "runs an effect",
      async ({ data }, unit) => void (await unit.effects.once(`ring ${data.name}`, async () => 1)),
      ["GetItem", "PutItem", "UpdateItem", "PutItem"],
    ],
  ])("%s", async (what, handler, calls) => {
    const event = wanted(`one that ${what}`);
    let runs = 0;
    const counted: WorkshopHandler = (given, unit) => {
      runs += 1;
      return handler(given, unit);
    };
    expect(await callsOf(counted, {}, event)).toEqual(calls);
    expect(await outcomes(deliver([event], counted, { attempt: 2 }))).toEqual(["event duplicate"]);
    expect(runs).toBe(1);
  });

  test("adds to it: the sum keeps to its least", async () => {
    await deliver([wanted("nail", 10)]);
    const take: WorkshopHandler = ({ data }, unit) => unit.add(shelf, "nail", "pieces", -data.pieces, { atLeast: 0 });
    const [event, tooMuch] = [wanted("nail", 7), wanted("nail", 7)];
    expect(await outcomes(deliver([event], take))).toEqual(["event done"]);
    expect(await outcomes(deliver([event], take))).toEqual(["event duplicate"]);
    expect((await deliver([tooMuch], take)).failed).toEqual([tooMuch.id]);
    expect(await workshop.stored(shelf, "nail")).toMatchObject({ pieces: 3 });
  });

  test("works in steps: a checkpoint stores what was emitted, and a rerun goes on from there", async () => {
    const event = wanted("ladder");
    const steps: WorkshopHandler = async ({ data }, unit) => {
      const started = await unit.get(shelf, data.name);
      unit.emit(toolMade, { ...data, note: "begun" });
      if (!started) {
        unit.put(shelf, { ...data, note: "half" });
        await unit.checkpoint();
        if (unit.attempt === 1) throw new Error("a rung breaks");
      }
      unit.put(shelf, { ...data, note: "whole" });
      unit.put(paper, { name: "ladder" }, { overwrite: true });
    };
    expect((await deliver([event], steps)).failed).toEqual([event.id]);
    expect(await outcomes(deliver([event], steps, { attempt: 2 }))).toEqual(["event done"]);
    expect(await outcomes(deliver([event], steps, { attempt: 3 }))).toEqual(["event duplicate"]);
    expect(await workshop.stored(shelf, "ladder")).toMatchObject({ note: "whole" });
    expect(new Set(workshop.publishedAfter(event).map(({ id }) => id)).size).toBe(1);
  });

  test("commits no checkpoint once the event has been handled by another delivery", async () => {
    const event = wanted("vice");
    const { log } = await deliver([event], async (_, unit) => {
      await deliver([event]);
      unit.put(paper, { name: "second vice" });
      await unit.checkpoint();
    });
    expect(log.map(({ message }) => message)).toEqual(["event duplicate"]);
    expect(await workshop.stored(paper, "second vice")).toBeUndefined();
  });

  test("puts an item over one that it has not read: the event is dead, and says so", async () => {
    await deliver([wanted("anvil")]);
    const event = wanted("anvil");
    expect(await outcomes(deliver([event], ({ data }, unit) => unit.put(shelf, data)))).toEqual(["event dead"]);
    expect(workshop.deadLetters(event)[0]?.reason["errorMessage"]).toContain("overwrite: true");
  });
});

describe("an item that only has events", () => {
  test("does not exist for handlers, can be created, and goes with its last event", async () => {
    await deliver([wanted("ghost")], () => {});
    const kept = await workshop.stored(shelf, "ghost");
    expect(kept).toMatchObject({ inboxOnly: true });
    expect(Number(kept?.["expiresAt"])).toBeGreaterThan(Date.now() / 1_000 + 31 * 24 * 3_600);

    let found: unknown = "never read";
    await deliver([wanted("ghost")], async (event, unit) => {
      found = await unit.get(shelf, "ghost");
      await add(event, unit);
    });
    expect(found).toBeUndefined();
    const created = await workshop.stored(shelf, "ghost");
    expect(created).toMatchObject({ pieces: 1, inbox: [{}, {}] });
    expect(created).not.toHaveProperty("expiresAt");
  });

  test("keeps its events when an event that is remembered elsewhere creates, replaces or deletes it", async () => {
    const event = wanted("chest");
    await deliver([event], () => {});
    for (const change of [
      (({ data }, unit) => unit.put(shelf, { ...data, name: "chest" })) satisfies WorkshopHandler,
      (({ data }, unit) => unit.put(shelf, { ...data, name: "chest" }, { overwrite: true })) satisfies WorkshopHandler,
      ((_, unit) => unit.delete(shelf, "chest")) satisfies WorkshopHandler,
    ]) {
      expect(await outcomes(deliver([wanted("key")], change))).toEqual(["event done"]);
      expect(await outcomes(deliver([event], () => {}))).toEqual(["event duplicate"]);
    }
  });
});

describe("an item that is the home of many events", () => {
  test("keeps the youngest, and its older ones as records: none takes effect twice", async () => {
    const events = Array.from({ length: 60 }, () => wanted("worn"));
    for (const event of events) await deliver([event]);
    for (const event of [events[0]!, events[30]!, events[59]!])
      expect(await outcomes(deliver([event]))).toEqual(["event duplicate"]);

    const item = await workshop.stored(shelf, "worn");
    expect(item).toMatchObject({ pieces: 60 });
    expect(item?.["inbox"]).toHaveLength(35);
    expect(await recordOf(events[0]!)).toBeDefined();
  });

  test("forgets those whose days are over when it is written again", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 40 * 24 * 3_600_000 });
    try {
      await deliver([wanted("old")]);
    } finally {
      vi.useRealTimers();
    }
    await deliver([wanted("old")]);
    expect((await workshop.stored(shelf, "old"))?.["inbox"]).toHaveLength(1);
  });
});
