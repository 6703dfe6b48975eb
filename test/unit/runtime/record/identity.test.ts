import { hash } from "node:crypto";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createEnvelope, defineEvent, defineService, type Envelope, upcastFrom } from "#lib/contracts/index.ts";
import { consumer } from "#lib/runtime/index.ts";
import { invoke, memoryLog, shelf, toolMade, toolWanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Adds the pieces that are wanted. */
const add: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
  unit.emit(toolMade, data);
};

const eventOf = (name: string, source: string, pieces = 1): Envelope =>
  createEnvelope(toolWanted, { name, pieces }, { source, id: `1 of ${name}` });

const pieces = async (name: string) => (await workshop.stored(shelf, name))?.["pieces"];

async function deliver(event: Envelope, attempt = 1): Promise<string | undefined> {
  const { log } = await workshop.deliver([event], add, { attempt });
  return log.at(-1)?.message;
}

describe("events of two sources under one id", () => {
  test.each([1, 2])("are two events, on receive %i, and a copy of each is a duplicate", async (attempt) => {
    const name = `rope ${attempt}`;
    const events = ["shop-a", "shop-b", "x".repeat(2_000)].map((source) => eventOf(name, source));
    for (const event of events) expect(await deliver(event, attempt)).toBe("event done");
    for (const event of events) expect(await deliver(event, attempt)).toBe("event duplicate");

    expect(await pieces(name)).toBe(3);
    const led = workshop.published().filter(({ subject }) => subject === name);
    expect(new Set(led.map(({ id }) => id)).size).toBe(3);
  });

  test("at the same moment are two events", async () => {
    const [a, b] = [eventOf("twine", "shop-a"), eventOf("twine", "shop-b")];
    await Promise.all([deliver(a), deliver(b), deliver(a), deliver(b)]);
    expect(await pieces("twine")).toBe(2);
  });

  test("are remembered equally long: the record of the first is kept until that of the second goes", async () => {
    await deliver(eventOf("string", "shop-a"));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20 * 24 * 3_600_000 });
    try {
      await deliver(eventOf("string", "shop-b"));
    } finally {
      vi.useRealTimers();
    }
    const key = "workshop#1 of string";
    const records = await Promise.all(["-", hash("sha256", "shop-b")].map((sk) => recordAt(key, sk)));
    const [first, second] = records.map((record) => Number(record?.["expiresAt"]));
    expect(first).toBeGreaterThanOrEqual(second!);
  });
});

async function recordAt(id: string, sk: string): Promise<Record<string, unknown> | undefined> {
  const Key = marshall({ pk: `inbox#${id}`, sk });
  const { Item } = await workshop.clients.dynamodb.send(new GetItemCommand({ TableName: "workshop", Key }));
  return Item && unmarshall(Item);
}

test("an event published again with its keys in another order is a copy of it", async () => {
  const event = eventOf("cord", "shop");
  const again = { ...event, data: { pieces: 1, name: "cord" } };
  expect([await deliver(event), await deliver(again), await deliver(again, 2)]).toEqual([
    "event done",
    "event duplicate",
    "event duplicate",
  ]);
});

test("another content under the same source and id is refused, and its publisher told of", async () => {
  const [first, other] = [eventOf("chain", "shop"), { ...eventOf("chain", "shop", 2) }];
  await deliver(first);
  expect(await deliver(other)).toBe("event dead");
  expect(workshop.deadLetters(other)[0]?.reason).toMatchObject({ errorName: "IdReusedError" });
  expect(await pieces("chain")).toBe(1);
});

describe("two versions of an event, published side by side under one source and id,", () => {
  const toolWanted2 = defineEvent({ ...toolWanted, type: "tool.wanted.v2", upcasts: [upcastFrom(toolWanted, (data) => data)] });
  const newer = defineService("workshop", "Makes tools.", { consumes: [toolWanted2], publishes: [], owns: [shelf] });

  async function deliverTo(event: Envelope): Promise<string | undefined> {
    const { log, lines } = memoryLog();
    const { config, clients } = workshop;
    const handle = consumer(
      newer,
      async ({ data }, unit) => {
        const before = await unit.get(shelf, data.name);
        unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
      },
      { config, clients, log },
    );
    await invoke(handle, [{ messageId: event.id, body: JSON.stringify(event) }]);
    return lines.at(-1)?.message;
  }

  test.each([
    ["the older", [toolWanted, toolWanted2]],
    ["the newer", [toolWanted2, toolWanted]],
  ])("are one fact: %s comes first", async (which, definitions) => {
    const name = `hoist ${which}`;
    const outcomes: (string | undefined)[] = [];
    for (const definition of definitions) {
      const note = definition === toolWanted2 ? { note: "for the roof" } : {};
      outcomes.push(await deliverTo(createEnvelope(definition, { name, pieces: 1, ...note }, { source: "shop", id: name })));
    }
    expect(outcomes).toEqual(["event done", "event duplicate"]);
    expect(await pieces(name)).toBe(1);
  });

  test("are not each other's copies if the older one's content differs from another older one's", async () => {
    const event = (pieces: number) => createEnvelope(toolWanted, { name: "jack", pieces }, { source: "shop", id: "jack" });
    expect([await deliverTo(event(1)), await deliverTo(event(2))]).toEqual(["event done", "event dead"]);
  });
});

describe("an inbox record of the last release, which names no source,", () => {
  /** What the last release has left of an event. */
  async function leaveRecord({ id, type, data }: Envelope): Promise<void> {
    const fingerprint = hash("sha256", JSON.stringify([type, data]), "base64url").slice(0, 22);
    const record = { pk: `inbox#workshop#${id}`, sk: "-", fingerprint, handledAt: new Date().toISOString(), outgoing: [] };
    const Item = marshall({ ...record, expiresAt: 9_999_999_999 });
    await workshop.clients.dynamodb.send(new PutItemCommand({ TableName: "workshop", Item }));
  }

  test.each([1, 2])("is of a copy that comes after the upgrade, on receive %i", async (attempt) => {
    const event = eventOf(`winch ${attempt}`, "shop");
    await leaveRecord(event);
    expect(await deliver(event, attempt)).toBe("event duplicate");
    expect(await pieces(`winch ${attempt}`)).toBeUndefined();
  });

  test("is not of another event under the id", async () => {
    await leaveRecord(eventOf("crane", "shop"));
    expect(await deliver(eventOf("crane", "shop", 7))).toBe("event dead");
  });

  test("and one of this release are the same to a function of the last release, which may run side by side", async () => {
    const event = eventOf("sling", "shop");
    await deliver(event);
    const record = await recordAt(`workshop#${event.id}`, "-");
    const fingerprint = hash("sha256", JSON.stringify([event.type, event.data]), "base64url").slice(0, 22);
    expect(record).toMatchObject({ fingerprint, outgoing: [{ topic: "news" }] });
  });
});
