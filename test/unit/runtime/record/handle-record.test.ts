import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Envelope } from "#lib/contracts/index.ts";
import { PermanentError, RetryLaterError } from "#lib/runtime/index.ts";
import { met, shelf, toolMade, wanted, Workshop, type WorkshopHandler } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Makes the tools that are wanted, and tells of each. */
const make: WorkshopHandler = async ({ data }, unit) => {
  const before = await unit.get(shelf, data.name);
  unit.put(shelf, { ...data, pieces: (before?.pieces ?? 0) + 1 });
  unit.emit(toolMade, data);
  unit.emit(toolMade, { ...data, note: "the second" });
};

describe("an event that is delivered twice", () => {
  test("takes effect once, is not handled again, and has the same outgoing events published under the same ids", async () => {
    const event = wanted("axe");
    let runs = 0;
    const handler: WorkshopHandler = (given, unit) => {
      runs += 1;
      return make(given, unit);
    };
    const first = await workshop.deliver([event], handler);
    const second = await workshop.deliver([event], handler, { attempt: 2 });

    expect([first, second].map(({ log }) => log[0]?.message)).toEqual(["event done", "event duplicate"]);
    expect([...first.failed, ...second.failed]).toEqual([]);
    expect(runs).toBe(1);
    const [one, two, ...copies] = workshop.publishedAfter(event);
    expect(copies).toEqual([one, two]);
    expect(one?.id).not.toBe(two?.id);
  });

  test("at the same time takes effect once", async () => {
    const event = wanted("adze");
    const deliveries = await Promise.all([workshop.deliver([event], make), workshop.deliver([event], make)]);

    expect(deliveries.flatMap(({ failed }) => failed)).toEqual([]);
    expect(await workshop.stored(shelf, "adze")).toMatchObject({ pieces: 1 });
    expect(new Set(workshop.publishedAfter(event).map(({ id }) => id)).size).toBe(2);
  });

  test("twice in one batch takes effect once", async () => {
    const event = wanted("auger");
    const { failed } = await workshop.deliver([event, event], make);

    expect(failed).toEqual([]);
    expect(await workshop.stored(shelf, "auger")).toMatchObject({ pieces: 1 });
  });
});

describe("the handler's time", () => {
  test("ends for the slow alone: nothing of theirs commits, the others take effect, the unfinished come back", async () => {
    const events = ["slow", "fast 1", "fast 2"].map((name) => wanted(name));
    const gate = Promise.withResolvers<void>();
    let late: Promise<void> | undefined;
    const handler: WorkshopHandler = async ({ data }, unit) => {
      if (data.name !== "slow") return unit.put(shelf, data);
      late = (async () => {
        await gate.promise;
        unit.put(shelf, data);
        await unit.checkpoint();
      })();
      await late;
    };
    const { failed, log } = await workshop.deliver(events, handler, { milliseconds: 1_500 });
    gate.resolve();

    expect(failed).toEqual([events[0]!.id]);
    expect(log.find(({ level }) => level === "warn")?.details["error"]).toMatchObject({ name: "HandlerTimeoutError" });
    await expect(late).rejects.toThrow("time was up before its work could be committed");
    expect(await workshop.stored(shelf, "slow")).toBeUndefined();
    expect(await workshop.stored(shelf, "fast 1")).toMatchObject({ pieces: 1 });
    expect(await workshop.stored(shelf, "fast 2")).toMatchObject({ pieces: 1 });
  });

  test("is told by the unit's signal, so that calls that hang end with it", async () => {
    const event = wanted("clock");
    let told = false;
    await workshop.deliver(
      [event],
      async (_, unit) => {
        await new Promise<void>((resolve) => unit.signal.addEventListener("abort", () => resolve()));
        told = true;
      },
      { milliseconds: 300 },
    );
    expect(told).toBe(true);
  });
});

describe("an event that fails", () => {
  const failWith = (error: Error): WorkshopHandler => {
    return (_, unit) => {
      unit.put(shelf, { name: "ruin", pieces: 1 });
      throw error;
    };
  };

  test("comes back, and nothing of it is kept", async () => {
    const event = wanted("ruin");
    const { failed, log } = await workshop.deliver([event], failWith(new Error("no wood")));

    expect(failed).toEqual([event.id]);
    expect(log.map(({ level, details }) => [level, details["reason"]])).toEqual([["warn", "no wood"]]);
    expect(await workshop.stored(shelf, "ruin")).toBeUndefined();
  });

  test("that asks for a later time is no cause for alarm", async () => {
    const { failed, log } = await workshop.deliver([wanted("early")], failWith(new RetryLaterError("not yet")));

    expect(failed).toHaveLength(1);
    expect(log.map(({ level, message }) => [level, message])).toEqual([["info", "event retried later"]]);
  });

  test.each<[string, Error, number]>([
    ["for good", new PermanentError("no such tool"), 1],
    ["for the last time", new Error("no such tool"), 10],
    ["for the last time, though it asked for a later one", new RetryLaterError("no such tool"), 10],
  ])("%s is dead with what it was, who gave it up and why", async (_, error, attempt) => {
    const event = wanted("unicorn");
    const { failed, log } = await workshop.deliver([event], failWith(error), { attempt });

    expect(failed).toEqual([]);
    expect(log.map(({ level, message }) => [level, message])).toEqual([["error", "event dead"]]);
    const [letter, ...more] = workshop.deadLetters(event);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      body: JSON.stringify(event),
      reason: {
        errorName: error.name,
        errorMessage: "no such tool",
        attempts: String(attempt),
        consumer: "workshop",
        consumerVersion: "test",
        originalMessageId: event.id,
      },
    });
    expect(letter?.reason["firstReceivedAt"]).toBe("2024-11-19T07:06:40.000Z");
    expect(Object.keys(letter?.reason ?? {}).length).toBeLessThanOrEqual(10);
  });

  test("with words that SQS refuses, and more of them than fit, is dead with those that it takes", async () => {
    const event = wanted("scream");
    const error = new PermanentError(`bell \u0007, half \ud800, whole 😀, ${"a".repeat(5_000)}`);
    error.stack = "at nowhere\n".repeat(10_000);
    await workshop.deliver([event], failWith(error));

    const [letter] = workshop.deadLetters(event);
    expect(letter?.reason["errorMessage"]).toMatch(/^bell \?, half \ufffd, whole 😀, a+$/);
    expect(letter?.reason["errorMessage"]).toHaveLength(1_000);
    expect(letter?.reason["errorStack"]).toHaveLength(4_000);
  });

  test("and cannot be put into the dead-letter queue stays in its own: SQS moves it in the end", async () => {
    const event = wanted("stuck");
    const sqs = met(workshop.clients.sqs, (command) => {
      if (command instanceof SendMessageCommand) throw new Error("no such queue");
    });
    const clients = { ...workshop.clients, sqs };
    const { failed, log } = await workshop.deliver([event], failWith(new PermanentError("broken")), { clients });

    expect(failed).toEqual([event.id]);
    expect(log.map(({ level, details }) => [level, details["reason"]])).toEqual([["error", "broken"]]);
  });
});

describe("what is logged of an event", () => {
  test("says how it ended, and nothing of its data", async () => {
    const events: Envelope[] = [wanted("secret-4111"), wanted("secret-4111")];
    const bodies = [...events.map((event) => JSON.stringify(event)), `{"secret-4111`].map((body, index) => ({
      messageId: `logged-${index}`,
      body: body.replace('"subject":"secret-4111"', '"subject":"a tool"'),
    }));
    bodies[1]!.body = bodies[1]!.body.replace('"pieces":1', '"pieces":"secret-4111"');
    const { log } = await workshop.deliverBodies(bodies, make);

    expect(log.map(({ message }) => message).toSorted()).toEqual(["event dead", "event dead", "event done"]);
    const text = log.map(({ message, details }) => {
      const error = details["error"];
      return `${message} ${JSON.stringify(details)} ${error instanceof Error ? `${error.message} ${error.stack}` : ""}`;
    });
    expect(text.filter((line) => line.includes("secret-4111"))).toEqual([]);
    expect(text.join()).toContain("data.pieces");
  });
});
