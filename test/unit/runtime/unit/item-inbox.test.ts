import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inboxInItem } from "#lib/runtime/index.ts";
import { type DeliveryOptions, met, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Adds the event's pieces to the one item, and tells of it. */
const add: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
  unit.emit(toolMade, data);
};

const deliver = (events: Parameters<Workshop["deliver"]>[0], handler = add, options: DeliveryOptions = {}) =>
  workshop.deliver(events, handler, { ...options, itemInbox: inboxInItem });

describe("an inbox that rides in the item", () => {
  test("costs one read and one write, and no transaction", async () => {
    const calls: string[] = [];
    const dynamodb = met(workshop.clients.dynamodb, (command) => void calls.push(command.constructor.name));
    await deliver([wanted("saw")], add, { clients: { ...workshop.clients, dynamodb } });
    expect(calls).toEqual([GetItemCommand.name, PutItemCommand.name]);
  });

  test("lets an event that comes twice take effect once, and publishes its outgoing events again under the same ids", async () => {
    const event = wanted("plane", 3);
    const first = await deliver([event]);
    const second = await deliver([event], add, { attempt: 2 });
    const third = await deliver([event]);

    expect([first, second, third].map(({ log }) => log[0]?.message)).toEqual([
      "event done",
      "event duplicate",
      "event duplicate",
    ]);
    expect(await workshop.stored(shelf, "plane")).toMatchObject({ pieces: 3 });
    expect(new Set(workshop.publishedAfter(event).map(({ id }) => id)).size).toBe(1);
  });

  test("lets two copies at the same moment take effect once", async () => {
    const event = wanted("rasp", 2);
    const { failed } = await deliver([event, event, event]);
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "rasp")).toMatchObject({ pieces: 2 });
  });

  test("loses no update of several events on one item", async () => {
    const events = Array.from({ length: 5 }, (_, index) => wanted("file", index + 1));
    const { failed } = await deliver(events);
    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "file")).toMatchObject({ pieces: 15 });
  });

  test("publishes on redelivery what a crash after the write left unpublished", async () => {
    const event = wanted("vise");
    const sns = met(workshop.clients.sns, (command) => {
      if (command instanceof PublishBatchCommand) throw new Error("SNS is out of order");
    });
    expect((await deliver([event], add, { clients: { ...workshop.clients, sns } })).failed).toEqual([event.id]);
    expect(workshop.publishedAfter(event)).toEqual([]);
    expect((await deliver([event], add, { attempt: 2 })).failed).toEqual([]);
    expect(workshop.publishedAfter(event)).toHaveLength(1);
    expect(await workshop.stored(shelf, "vise")).toMatchObject({ pieces: 1 });
  });

  test("takes a write whose answer was lost for done", async () => {
    const event = wanted("square", 4);
    let lost = false;
    const dynamodb = met(workshop.clients.dynamodb, async (command) => {
      if (!(command instanceof PutItemCommand) || lost) return undefined;
      lost = true;
      await workshop.clients.dynamodb.send(command);
      return undefined; // the SDK hears nothing, and sends it again
    });
    expect((await deliver([event], add, { clients: { ...workshop.clients, dynamodb } })).failed).toEqual([]);
    expect(await workshop.stored(shelf, "square")).toMatchObject({ pieces: 4 });
  });

  test("keeps the record of its own for a handler that writes nothing", async () => {
    const event = wanted("level");
    await deliver([event], () => {});
    expect(await workshop.stored({ name: "inbox" }, `workshop#${event.id}`)).toBeDefined();
  });
});

describe("what an inbox in the item does not allow is dead, and says so", () => {
  test.each<[string, WorkshopHandler]>([
    ["an item that was not read", ({ data }, unit) => unit.put(shelf, data)],
    [
      "two items",
      async ({ data }, unit) => {
        for (const name of [data.name, `${data.name} 2`]) {
          await unit.get(shelf, name);
          unit.put(shelf, { ...data, name });
        }
      },
    ],
    ["an addition", ({ data }, unit) => unit.add(shelf, data.name, "pieces", 1, { atLeast: 0 })],
    [
      "a checkpoint",
      async ({ data }, unit) => {
        await unit.get(shelf, data.name);
        unit.put(shelf, data);
        await unit.checkpoint();
      },
    ],
  ])("%s", async (what, handler) => {
    const { failed, log } = await deliver([wanted(`none ${what}`)], handler);
    expect(failed).toEqual([]);
    expect(log[0]).toMatchObject({ message: "event dead", details: { error: { message: /inboxInItem/ } } });
  });

  test("more events than an item may have to remember", async () => {
    for (let index = 0; index < 50; index++) await deliver([wanted("worn")]);
    const { log } = await deliver([wanted("worn")]);
    expect(log[0]).toMatchObject({ message: "event dead" });
    expect(await workshop.stored(shelf, "worn")).toMatchObject({ pieces: 50 });
  });
});
