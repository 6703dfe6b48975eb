import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { entryOf } from "#lib/runtime/inbox/inbox-record.ts";
import { requests, type RequestsOptions } from "#lib/runtime/index.ts";
import { memoryLog, met, service as consumer, shelf, toolMade, wanted, Workshop } from "../workshop.ts";

const service = { ...consumer, takesRequests: true };

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** The workshop, as callers reach it. */
function open(options: RequestsOptions = {}) {
  const { log, lines } = memoryLog();
  const { clients, config } = workshop;
  return { ...requests(service, { clients, config, log, ...options }), lines };
}

/** The record of a request, as it lies in the table. */
const recordOf = (key: string) => workshop.stored({ name: "inbox" }, `workshop#${key}`);

/** A request for a tool. */
const want = (key: string, name = key) => ({ key, input: { name, pieces: 2 } });

describe("a request", () => {
  test("commits state, events and its answer together", async () => {
    const result = await open().once(want("saw"), async (unit) => {
      unit.put(shelf, { name: "saw", pieces: 2 });
      unit.emit(toolMade, { name: "saw", pieces: 2 });
      return { made: 2 };
    });
    expect(result).toEqual({ answer: { made: 2 }, repeated: false });
    expect(await workshop.stored(shelf, "saw")).toMatchObject({ pieces: 2 });
    const record = await recordOf("saw");
    expect(record).toMatchObject({ forRelay: true, outgoing: [{ topic: "news", type: "tool.made.v1" }] });
  });

  test("made again gets the same answer, and nothing happens again", async () => {
    let runs = 0;
    const make = () => open().once(want("plane"), () => `run ${++runs}`);
    expect(await make()).toEqual({ answer: "run 1", repeated: false });
    expect(await make()).toEqual({ answer: "run 1", repeated: true });
    expect(runs).toBe(1);
  });

  test("made again with its input in another order of keys is the same request", async () => {
    const { once } = open();
    await once({ key: "order", input: { a: 1, b: { c: 2, d: 3 } } }, () => "done");
    expect(await once({ key: "order", input: { b: { d: 3, c: 2 }, a: 1 } }, () => "again")).toMatchObject({ repeated: true });
  });

  test("with the key of another is refused, and changes nothing", async () => {
    const { once } = open();
    await once(want("key"), () => "done");
    const other = once(want("key", "other"), (unit) => unit.put(shelf, { name: "other", pieces: 1 }));
    await expect(other).rejects.toMatchObject({ name: "IdempotencyKeyReusedError", status: 422 });
    expect(await workshop.stored(shelf, "other")).toBeUndefined();
  });

  test.each(["", "x".repeat(257), "half \uD83D"])("without a usable key (%.5s) is refused", async (key) => {
    const refusal = { name: "IdempotencyKeyError", status: 400 };
    await expect(open().once({ key, input: {} }, () => "done")).rejects.toMatchObject(refusal);
  });

  test("ends at its deadline, whatever the table answers", async () => {
    const dynamodb = met(workshop.clients.dynamodb, () => new Promise(() => {}));
    const { once } = open({ clients: { dynamodb } });
    const late = once({ ...want("mute"), deadline: Date.now() + 50 }, () => "done");
    await expect(late).rejects.toMatchObject({ name: "HandlerTimeoutError" });
  });

  test("that fails leaves nothing behind, and can be made again", async () => {
    const { once } = open();
    const failing = once(want("chisel"), (unit) => {
      unit.put(shelf, { name: "chisel", pieces: 1 });
      throw new Error("out of steel");
    });
    await expect(failing).rejects.toThrow("out of steel");
    expect(await workshop.stored(shelf, "chisel")).toBeUndefined();
    expect(await once(want("chisel"), () => "done")).toEqual({ answer: "done", repeated: false });
  });

  test("made many times at once takes effect once, and all get the one answer", async () => {
    const { once } = open();
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, caller) =>
        once(want("gouge"), async (unit) => {
          const before = await unit.get(shelf, "gouge");
          unit.put(shelf, { name: "gouge", pieces: (before?.pieces ?? 0) + 2 });
          return { caller };
        }),
      ),
    );
    expect(await workshop.stored(shelf, "gouge")).toMatchObject({ pieces: 2 });
    expect(new Set(made.map(({ answer }) => answer.caller)).size).toBe(1);
    expect(made.filter(({ repeated }) => !repeated)).toHaveLength(1);
  });

  test("whose commit was made, but not answered, is not made twice", async () => {
    let calls = 0;
    const dynamodb = met(workshop.clients.dynamodb, async (command) => {
      if (!(command instanceof TransactWriteItemsCommand) || ++calls > 1) return;
      await workshop.clients.dynamodb.send(command);
      throw new Error("the connection broke");
    });
    const make = (options: RequestsOptions) =>
      open(options).once(want("rasp"), async (unit) => {
        unit.put(shelf, { name: "rasp", pieces: ((await unit.get(shelf, "rasp"))?.pieces ?? 0) + 1 });
        return "made";
      });
    await expect(make({ clients: { dynamodb } })).rejects.toThrow("the connection broke");
    expect(await make({})).toEqual({ answer: "made", repeated: true });
    expect(await workshop.stored(shelf, "rasp")).toMatchObject({ pieces: 1 });
  });

  test("that is being carried out elsewhere is refused for now, once an outside effect has begun", async () => {
    const { once } = open();
    const begun = Promise.withResolvers<void>();
    const charged = Promise.withResolvers<string>();
    const charge = () =>
      once(want("charge"), (unit) =>
        unit.effects.once("charge:1", () => {
          begun.resolve();
          return charged.promise;
        }),
      );
    const first = charge();
    await begun.promise;
    await expect(charge()).rejects.toMatchObject({ name: "RequestInProgressError", status: 409 });
    charged.resolve("paid");
    expect(await first).toEqual({ answer: "paid", repeated: false });
    expect(await charge()).toEqual({ answer: "paid", repeated: true });
  });

  test("ends at its deadline, and commits nothing afterwards", async () => {
    const late = open().once({ ...want("late"), deadline: Date.now() + 50 }, async (unit) => {
      unit.put(shelf, { name: "late", pieces: 1 });
      await new Promise((resolve) => unit.signal.addEventListener("abort", resolve, { once: true }));
    });
    await expect(late).rejects.toMatchObject({ name: "HandlerTimeoutError" });
    expect(await workshop.stored(shelf, "late")).toBeUndefined();
  });

  test("and an event of the same id are two", async () => {
    const event = wanted("twin");
    await open().once({ key: event.id, input: event.data }, () => "asked");
    await workshop.deliver([event], ({ data }, unit) => unit.put(shelf, data));
    expect(await workshop.stored(shelf, "twin")).toMatchObject({ pieces: 1 });
  });
});

describe("the events of a request", () => {
  test("have ids of their own that stay the same, and the request for a cause and a story", async () => {
    const request = { ...want("file"), correlationid: "story-7", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
    await open().once(request, (unit) => {
      unit.emit(toolMade, { name: "file", pieces: 1 });
      unit.emit(toolMade, { name: "file", pieces: 2 });
    });
    const { outgoing } = entryOf((await recordOf("file")) ?? {});
    const events = outgoing.map(({ body }) => parseEnvelope(body));
    expect(events).toMatchObject([
      { source: "workshop", causationid: "file", correlationid: "story-7", data: { pieces: 1 } },
      { source: "workshop", causationid: "file", correlationid: "story-7", data: { pieces: 2 } },
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    for (const { traceparent } of events) expect(traceparent).toMatch(/^00-a{32}-[0-9a-f]{16}-01$/);
  });

  test("concern the relay once: an event of the request's id that writes its record does not hand them out again", async () => {
    const event = wanted("echo");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 24 * 3_600_000 });
    try {
      await open().once({ key: event.id, input: {} }, (unit) => unit.emit(toolMade, { name: "echo", pieces: 1 }));
    } finally {
      vi.useRealTimers();
    }
    const before = await recordOf(event.id);
    await workshop.deliver([event], ({ data }, unit) => unit.put(shelf, data));
    const after = await recordOf(event.id);
    expect(after?.["expiresAt"]).not.toBe(before?.["expiresAt"]);
    expect([before?.["forRelay"], after?.["forRelay"]]).toEqual([true, undefined]);
  });

  test("that emits none concern no relay", async () => {
    await open().once(want("quiet"), () => "done");
    expect(await recordOf("quiet")).not.toHaveProperty("forRelay");
  });
});

test("requests to a service whose definition does not name them are refused at start", () => {
  expect(() => requests(consumer)).toThrow("service workshop: requests to it need takesRequests in its definition");
});
