import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RetryLaterError } from "#lib/runtime/index.ts";
import { service, wanted, type WorkshopHandler } from "../workshop.ts";
import { ClockworkQueue } from "./clockwork-queue.ts";

const HOUR = 3_600;
const EVENTS = 5;

vi.setConfig({ testTimeout: 120_000 });

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A queue whose events fail for so many hours; `handled` names those that did not. */
function outage(hours: number, error: () => Error, definition?: typeof service) {
  const end = Date.now() + hours * HOUR * 1_000;
  const handled = new Set<string>();
  const handler: WorkshopHandler = ({ id }) => {
    if (Date.now() < end) throw error();
    handled.add(id);
  };
  const queue = new ClockworkQueue(handler, 10, definition);
  for (let index = 0; index < EVENTS; index++) queue.add(wanted(`tool ${index}`));
  return { queue, handled };
}

const unreachable = () => Object.assign(new Error("nobody listens"), { code: "ECONNREFUSED" });

describe("while something that handlers need is unavailable", () => {
  test.each<[string, () => Error]>([
    ["it cannot be reached", unreachable],
    ["it is throttled", () => Object.assign(new Error("slow down"), { name: "ThrottlingException" })],
    ["handlers ask for a later time", () => new RetryLaterError("not yet")],
  ])("for a day, no event is lost that came at its beginning: %s", async (_, error) => {
    const { queue, handled } = outage(24, error);
    await queue.drain(25 * HOUR);

    expect(queue.dead).toEqual([]);
    expect(handled.size).toBe(EVENTS);
  });

  test("events wait in the queue, and not in flight", async () => {
    const { queue } = outage(2, unreachable);
    await queue.drain(3 * HOUR);
    expect(queue.longestInFlight).toBe(0);
  });

  test("for longer, events are dead with that reason", async () => {
    const { queue, handled } = outage(30, unreachable);
    await queue.drain(31 * HOUR);

    expect(handled.size).toBe(0);
    expect(queue.dead).toEqual(Array.from({ length: EVENTS }, () => "Error"));
  });

  test("events of a type with a policy of its own are dead by that", async () => {
    const { queue } = outage(30, () => new RetryLaterError("not yet"), {
      ...service,
      retries: { "tool.wanted.v1": { ageHours: 2 } },
    });
    const seconds = await queue.drain(31 * HOUR);

    expect(queue.dead).toHaveLength(EVENTS);
    expect(seconds).toBeGreaterThanOrEqual(2 * HOUR);
    expect(seconds).toBeLessThan(2.5 * HOUR);
  });
});

describe("an event that fails by the handler's own error", () => {
  test("is dead after ten tries, within minutes", async () => {
    let runs = 0;
    const { queue } = outage(1, () => {
      runs += 1;
      return new TypeError("undefined is not a function");
    });
    await queue.drain(HOUR);

    expect(runs).toBe(10 * EVENTS);
    expect(new Set(queue.dead)).toEqual(new Set(["TypeError"]));
  });

  test("has as many tries as its type's policy says", async () => {
    let runs = 0;
    const mistake = () => {
      runs += 1;
      return new Error("jammed");
    };
    const { queue } = outage(1, mistake, { ...service, retries: { "tool.wanted.v1": { tries: 3 } } });
    await queue.drain(HOUR);
    expect(runs).toBe(3 * EVENTS);
  });
});

describe("a backlog whose messages have been received before, without an end", () => {
  test.each([1, 8, 20])("drains as fast as any, and none of it dies: handlers of %i s", async (seconds) => {
    const [backlog, concurrency] = [400, 10];
    const handled = new Set<string>();
    const handler: WorkshopHandler = async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      handled.add(id);
    };
    const queue = new ClockworkQueue(handler, concurrency);
    for (let index = 0; index < backlog; index++) queue.add(wanted(`tool ${index}`), 2);
    const took = await queue.drain(HOUR);

    expect(queue.dead).toEqual([]);
    expect(handled.size).toBe(backlog);
    const healthy = (backlog / 10 / concurrency) * seconds;
    expect(took).toBeLessThanOrEqual(healthy * 1.5 + 2);
  });

  test("leaves a record its turn that has failed twice, whatever comes along with it", async () => {
    const handled = new Set<string>();
    const poor = wanted("poor");
    const queue = new ClockworkQueue(async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      handled.add(id);
    }, 1);
    queue.add(poor, 2);
    for (let index = 0; index < 9; index++) queue.add(wanted(`fresh ${index}`));
    await queue.drain(30);
    expect(handled).toContain(poor.id);
  });
});
