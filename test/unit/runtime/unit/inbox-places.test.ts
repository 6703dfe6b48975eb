import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import { defineEntity, defineService, type Envelope } from "#lib/contracts/index.ts";
import { paper, shelf, toolMade, toolWanted, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

const home: InboxHome = { entity: shelf, id: ({ subject }) => subject };
const retired: InboxHome = { ...home, retired: true };

/** What a service's definition may say of its inbox; `records` says nothing. */
const PLACES = { records: undefined, homes: home, "records again": retired };
type Place = keyof typeof PLACES;

const DAY = 24 * 3_600_000;
const NOTE = { pk: "handling#workshop", sk: "inbox places" };

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());
beforeEach(() => forget());

/** Takes away the note on where the inbox lies: the table is then like one of the last release. */
async function forget(): Promise<void> {
  await workshop.clients.dynamodb.send(new DeleteItemCommand({ TableName: "workshop", Key: marshall(NOTE) }));
}

const add: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
  unit.emit(toolMade, data);
};

/** Hands an event to a function that was deployed with this place, and says how it ended. */
async function deliver(event: Envelope, place: Place, attempt = 1): Promise<string | undefined> {
  const inbox = PLACES[place];
  const { log } = await workshop.deliver([event], add, { attempt, ...(inbox && { inbox }) });
  return log.at(-1)?.message;
}

const pieces = async (name: string) => (await workshop.stored(shelf, name))?.["pieces"];

/** Runs something some days from now. */
async function daysLater<Result>(days: number, run: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + days * DAY });
  try {
    return await run();
  } finally {
    vi.useRealTimers();
  }
}

describe("a service that changes where its inbox lies", () => {
  test.each<[Place, Place]>([
    ["records", "homes"],
    ["homes", "records again"],
    ["records again", "homes"],
  ])("from %s to %s takes no event twice, on any receive", async (before, after) => {
    const events = [wanted(`${before} ${after} 1`), wanted(`${before} ${after} 2`)];
    for (const event of events) expect(await deliver(event, before)).toBe("event done");
    for (const [index, event] of events.entries()) expect(await deliver(event, after, index + 1)).toBe("event duplicate");
    for (const { subject } of events) expect(await pieces(subject)).toBe(1);
  });

  test.each<[Place, Place]>([
    ["records", "homes"],
    ["homes", "records again"],
  ])("from %s to %s may run both codes side by side", async (before, after) => {
    await deliver(wanted("start"), before);
    await deliver(wanted("start"), after);
    const [first, second, together] = ["first", "second", "together"].map((name) => wanted(`${before} ${after} ${name}`));
    expect([await deliver(first!, before), await deliver(first!, after)]).toEqual(["event done", "event duplicate"]);
    expect([await deliver(second!, after), await deliver(second!, before)]).toEqual(["event done", "event duplicate"]);
    const codes = [before, after, before, after];
    const outcomes = await Promise.all(codes.map((place) => deliver(together!, place)));
    expect(outcomes.filter((outcome) => outcome === "event done")).toHaveLength(1);
    expect(await pieces(together!.subject)).toBe(1);
  });

  test("writes both places for the days of the inbox and one more, and then the new one alone", async () => {
    await deliver(wanted("hoe"), "records");
    const [moving, moved] = [wanted("spade"), wanted("spade")];
    await deliver(moving, "homes");
    await daysLater(34, () => deliver(moved, "homes"));

    const record = ({ id }: Envelope) => workshop.stored({ name: "inbox" }, `workshop#${id}`);
    expect(await record(moving)).toBeDefined();
    expect(await record(moved)).toBeUndefined();
  });

  test("must not lose sight of its homes: without them in its definition, it handles nothing and says why", async () => {
    await deliver(wanted("rake"), "homes");
    const event = wanted("rake");
    const { failed, log } = await daysLater(40, () => workshop.deliver([event], add));
    expect(failed).toEqual([event.id]);
    expect(log.at(-1)?.details["reason"]).toMatch(/its inbox also lies in its shelf items.*retired/);
    // Its events wait for the definition to be mended, instead of being dead after ten attempts.
    expect(log.at(-1)?.details["because"]).toBe("unavailable");
  });

  test("and is back to records finds no trace of its homes: items can be created that only had events", async () => {
    await deliver(wanted("sieve"), "homes");
    await deliver(wanted("sieve"), "records again");
    const event = wanted("riddle");
    await daysLater(30, () => workshop.deliver([event], () => {}, { inbox: retired }));
    expect(await workshop.stored(shelf, "riddle")).toMatchObject({ inboxOnly: true });

    const create: WorkshopHandler = ({ data }, unit) => unit.put(shelf, data);
    const { log } = await daysLater(40, () => workshop.deliver([wanted("riddle"), event], create));
    expect(log.map(({ message }) => message).toSorted()).toEqual(["event done", "event duplicate"]);
    expect(await workshop.stored(shelf, "riddle")).not.toHaveProperty("inboxOnly");
  });

  test("publishes what either code has emitted before a checkpoint, whichever ends the event", async () => {
    for (const place of ["records", "homes"] as const) await deliver(wanted("begin"), place);
    const event = wanted("in steps");
    const steps: WorkshopHandler = async ({ data }, unit) => {
      const done = await unit.get(shelf, "steps");
      const step = (done?.pieces ?? 0) + 1;
      if (step > 2) return;
      unit.put(shelf, { name: "steps", pieces: step });
      unit.emit(toolMade, { ...data, pieces: step });
      await unit.checkpoint();
      throw new Error("the process ends here");
    };
    for (const [index, place] of (["homes", "records", "homes"] as const).entries()) {
      const inbox = PLACES[place];
      await workshop.deliver([event], steps, { attempt: index + 1, ...(inbox && { inbox }) });
    }
    expect(workshop.publishedAfter(event).map(({ data }) => data)).toMatchObject([{ pieces: 1 }, { pieces: 2 }]);
  });
});

test("a table that is new needs no second place: its first event has no record", async () => {
  await using fresh = await Workshop.open();
  const event = wanted("sickle");
  await fresh.deliver([event], add, { inbox: home });
  expect(await fresh.stored({ name: "inbox" }, `workshop#${event.id}`)).toBeUndefined();
  expect(await fresh.stored(shelf, "sickle")).toMatchObject({ inbox: [{ id: event.id }] });
});

test("a function of the code before, on a table that is still empty, has newer code beside it use records too", async () => {
  await using fresh = await Workshop.open();
  const event = wanted("trowel");
  let isFirst = true;
  const overtaken: WorkshopHandler = async (received, unit) => {
    if (isFirst) {
      isFirst = false;
      await fresh.deliver([event], add, { inbox: home });
    }
    await add(received, unit);
  };
  const { log } = await fresh.deliver([event], overtaken);
  expect(log.at(-1)?.message).toBe("event duplicate");
  expect(await fresh.stored(shelf, "trowel")).toMatchObject({ pieces: 1 });
});

test("on a table that newer code uses alone, the code before handles nothing", async () => {
  await using fresh = await Workshop.open();
  await fresh.deliver([wanted("auger")], add, { inbox: home });
  const event = wanted("auger");
  for (let time = 0; time < 2; time++) {
    expect((await fresh.deliver([event], add)).failed).toEqual([event.id]);
    await fresh.deliver([wanted("auger")], add, { inbox: home });
  }
  expect(await fresh.stored(shelf, "auger")).toMatchObject({ pieces: 3 });
});

describe("a definition is refused", () => {
  const define = (inbox: InboxHome) =>
    defineService("workshop", "Makes tools.", { consumes: [toolWanted], publishes: [], owns: [shelf], inbox });

  test("whose inbox lies in items that it does not own", () => {
    expect(() => define({ entity: paper, id: ({ subject }) => subject })).toThrow(
      /its inbox lies in paper items, which it does not own/,
    );
  });

  test("whose inbox lies in items that expire", () => {
    const expiring = defineEntity({ ...shelf, name: "cheese", expires: () => new Date() });
    expect(() =>
      defineService("workshop", "Makes cheese.", {
        consumes: [toolWanted],
        publishes: [],
        owns: [expiring],
        inbox: { entity: expiring, id: ({ subject }) => subject },
      }),
    ).toThrow(/which expire/);
  });
});
