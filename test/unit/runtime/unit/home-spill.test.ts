import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import { createEnvelope, type Envelope } from "#lib/contracts/index.ts";
import { type DeliveryOptions, shelf, toolMade, toolWanted, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

/** Each event is remembered in the tool that it is about. */
const inbox: InboxHome = { entity: shelf, id: ({ subject }) => subject };

/** More events than an item remembers. */
const MANY = 51;

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
  // The table has been in use with records: from now on it moves to homes.
  await workshop.deliver([wanted("first")], () => {});
  await workshop.deliver([wanted("first")], () => {}, { inbox });
});
afterAll(() => workshop[Symbol.asyncDispose]());

const nothing: WorkshopHandler = () => {};

/** Adds the event's pieces to its tool. */
const add: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, note: before?.note, pieces: (before?.pieces ?? 0) + data.pieces });
};

/** Hands an event to a function that remembers it in its tool, or with `inbox: undefined` in a record, and says how it ended. */
async function deliver(event: Envelope, handler = add, options: DeliveryOptions = { inbox }): Promise<string | undefined> {
  const { log } = await workshop.deliver([event], handler, options);
  return log.at(-1)?.message;
}

/** Fills a tool's list of events, so that its older ones become records. */
async function fill(name: string): Promise<void> {
  for (let index = 0; index < MANY; index++) expect(await deliver(wanted(name), nothing)).toBe("event done");
}

const recordOf = ({ id }: Envelope) => workshop.stored({ name: "inbox" }, `workshop#${id}`);

describe("what moves from an item to records while the service moves there", () => {
  test("may have the id of the event that moves it", async () => {
    const [one, other] = ["east", "west"].map((source) =>
      createEnvelope(toolWanted, { name: "winch", pieces: 1 }, { source, id: "1" }),
    );
    expect(await deliver(one!)).toBe("event done");
    for (let index = 0; index < MANY - 2; index++) await deliver(wanted("winch"), nothing);
    expect([await deliver(other!), await deliver(other!), await deliver(one!)]).toEqual([
      "event done",
      "event duplicate",
      "event duplicate",
    ]);
    expect(await workshop.stored(shelf, "winch")).toMatchObject({ pieces: 2 });
  });

  test("does not make an event unhandled that the code before has handled to its end", async () => {
    const event = wanted("hoist");
    const steps: WorkshopHandler = async ({ data }, unit) => {
      unit.emit(toolMade, data);
      await unit.checkpoint();
      if (unit.attempt === 1) throw new Error("the process ends here");
      const count = (await unit.get(shelf, "hoists made"))?.pieces ?? 0;
      unit.put(shelf, { name: "hoists made", pieces: count + 1 });
    };
    expect(await deliver(event, steps)).toBe("event failed, retried later");
    expect(await deliver(event, steps, { attempt: 2 })).toBe("event done");
    await fill("hoist");
    expect(await deliver(event, steps, { inbox, attempt: 3 })).toBe("event duplicate");
    expect(await workshop.stored(shelf, "hoists made")).toMatchObject({ pieces: 1 });
  });

  test("is still read by the code before, which knows no packed events", async () => {
    const event = wanted("crane");
    await deliver(event, ({ data }, unit) => unit.emit(toolMade, data));
    await fill("crane");
    expect((await recordOf(event))?.["outgoing"]).toMatchObject([{ type: "tool.made.v1" }]);
  });
});

test("an item that is nearly as large as the table takes moves more of its events to records", async () => {
  const noise = (bytes: number) => randomBytes(bytes / 2).toString("hex");
  const tell: WorkshopHandler = ({ data }, unit) => unit.emit(toolMade, { ...data, note: noise(40_000) });
  const events = Array.from({ length: 3 }, () => wanted("atlas"));
  for (const event of events) expect(await deliver(event, tell)).toBe("event done");
  const large: WorkshopHandler = async ({ data }, unit) => {
    await unit.get(shelf, data.name);
    unit.put(shelf, { ...data, note: noise(370_000) });
  };
  expect(await deliver(wanted("atlas"), large)).toBe("event done");
  for (const event of events) expect(await deliver(event, tell)).toBe("event duplicate");
});
