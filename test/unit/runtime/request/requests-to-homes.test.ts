import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { InboxHome } from "#lib/contracts/inbox-home.ts";
import type { Envelope } from "#lib/contracts/index.ts";
import { requests, type UnitOfWork } from "#lib/runtime/index.ts";
import { memoryLog, paper, service as consumer, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

/** Each event is remembered in the tool that it is about. */
const inbox: InboxHome = { entity: shelf, id: ({ subject }) => subject };

const DAY = 24 * 3_600_000;

type Unit = UnitOfWork<typeof consumer>;

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Carries out a request by code whose definition says this of the inbox. */
function ask(handler: (unit: Unit) => unknown, definition: { inbox?: InboxHome } = { inbox }, { clients, config } = workshop) {
  const service = { ...consumer, takesRequests: true, ...definition };
  const { once } = requests(service, { clients, config, log: memoryLog().log });
  return once({ key: crypto.randomUUID(), input: {} }, async (unit) => void (await handler(unit)));
}

/** Replaces a tool without having read it. */
const replace =
  (name: string) =>
  (unit: Unit): void =>
    unit.put(shelf, { name, pieces: 9 }, { overwrite: true });

/** Makes a tool, and says so. */
const make: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + data.pieces });
  unit.emit(toolMade, data);
};

/** Hands an event to a workshop whose definition says this of the inbox, and says how it ended. */
async function deliver(
  event: Envelope,
  definition: { inbox?: InboxHome } = { inbox },
  to = workshop,
): Promise<string | undefined> {
  const { log } = await to.deliver([event], make, definition);
  return log.at(-1)?.message;
}

describe("a request that writes the home of an event", () => {
  test.each<[string, (name: string, unit: Unit) => unknown]>([
    ["reads and replaces it", async (name, unit) => unit.put(shelf, { ...(await unit.get(shelf, name))!, note: "polished" })],
    ["overwrites it unread", (name, unit) => unit.put(shelf, { name, pieces: 7 }, { overwrite: true })],
    ["adds to it", (name, unit) => unit.add(shelf, name, "pieces", 2, { atLeast: 0 })],
    ["deletes it", (name, unit) => unit.delete(shelf, name)],
    [
      "deletes it and makes it again after a checkpoint",
      async (name, unit) => {
        unit.delete(shelf, name);
        await unit.checkpoint();
        unit.put(shelf, { name, pieces: 1 });
      },
    ],
    [
      "changes it beside another item",
      async (name, unit) => {
        unit.put(shelf, { ...(await unit.get(shelf, name))!, note: "noted" });
        unit.put(paper, { name });
      },
    ],
  ])("and %s leaves the event handled", async (what, change) => {
    const event = wanted(`tool of which a request ${what}`);
    expect(await deliver(event)).toBe("event done");
    await ask((unit) => change(event.subject, unit));
    const after = await workshop.stored(shelf, event.subject);
    expect(await deliver(event)).toBe("event duplicate");
    expect((await workshop.stored(shelf, event.subject))?.["pieces"]).toBe(after?.["pieces"]);
    expect(new Set(workshop.publishedAfter(event).map(({ id }) => id)).size).toBe(1);
  });

  test("runs again when an event was handled in the item meanwhile, and loses nothing of it", async () => {
    const [first, second] = [wanted("mallet", 2), wanted("mallet", 3)];
    await deliver(first);
    let runs = 0;
    await ask(async (unit) => {
      const known = await unit.get(shelf, "mallet");
      if (++runs === 1) await deliver(second);
      unit.put(shelf, { ...known!, pieces: known!.pieces * 10 });
    });
    expect(runs).toBe(2);
    expect(await workshop.stored(shelf, "mallet")).toMatchObject({ pieces: 50 });
    expect([await deliver(first), await deliver(second)]).toEqual(["event duplicate", "event duplicate"]);
  });

  test("creates the item although it is there with nothing but events", async () => {
    const event = wanted("anvil");
    await workshop.deliver([event], () => {}, { inbox });
    await ask((unit) => unit.put(shelf, { name: "anvil", pieces: 4 }));
    expect(await deliver(event)).toBe("event duplicate");
    expect(await workshop.stored(shelf, "anvil")).toMatchObject({ pieces: 4 });
  });
});

describe("a request by code whose definition does not name the homes", () => {
  test.each<[string, { inbox?: InboxHome }]>([
    ["nothing", {}],
    ["other items", { inbox: { ...inbox, entity: paper } }],
  ])("but %s is refused where it would overwrite the events in an item, and says what to mend", async (what, definition) => {
    const event = wanted(`brace, by code that names ${what}`);
    await deliver(event);
    await expect(ask(replace(event.subject), definition)).rejects.toThrow(
      /its inbox also lies in its shelf items: expected `inbox` in its definition/,
    );
    expect(await deliver(event)).toBe("event duplicate");
    expect(await workshop.stored(shelf, event.subject)).toMatchObject({ pieces: 1 });
  });

  test("may run beside newer code while that writes records too, which are then asked for long enough", async () => {
    await using moving = await Workshop.open();
    await deliver(wanted("before"), {}, moving);
    await deliver(wanted("after"), { inbox }, moving);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30 * DAY });
    try {
      const event = wanted("auger");
      expect(await deliver(event, { inbox }, moving)).toBe("event done");
      await ask(replace("auger"), {}, moving);
      vi.setSystemTime(Date.now() + 20 * DAY);
      expect(await deliver(event, { inbox }, moving)).toBe("event duplicate");
      expect(await moving.stored(shelf, "auger")).toMatchObject({ pieces: 9 });
    } finally {
      vi.useRealTimers();
    }
  });

  test("does not settle where the service's events are remembered: that is for functions that handle them", async () => {
    await using fresh = await Workshop.open();
    await ask(() => {}, { inbox }, fresh);
    expect(await fresh.stored({ name: "handling" }, ["workshop", "inbox places"])).toBeUndefined();
  });
});
