import { afterEach, describe, expect, test, vi } from "vitest";
import { bodies, eventually, mappingOf, MemoryQueue, throttled, turns } from "./mapping-support.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("without ReportBatchItemFailures", () => {
  test("a success deletes the whole batch, whatever the answer says", async () => {
    const queue = new MemoryQueue();
    queue.send(...bodies(2));
    const { function: fn } = mappingOf({}, queue);
    await eventually(() => expect(fn.invocations).toHaveLength(1));
    fn.invocations[0]?.succeed({ batchItemFailures: [{ itemIdentifier: "m1" }] });
    await eventually(() => expect(queue.deleted).toEqual(["m1", "m2"]));
  });
});

describe("with ReportBatchItemFailures", () => {
  const [id1, id2] = [{ itemIdentifier: "m1" }, { itemIdentifier: "m2" }];

  test.each([
    ["null", null, ["m1", "m2", "m3"]],
    ["an empty object", {}, ["m1", "m2", "m3"]],
    ["a null list", { batchItemFailures: null }, ["m1", "m2", "m3"]],
    ["an empty list", { batchItemFailures: [] }, ["m1", "m2", "m3"]],
    ["one id", { batchItemFailures: [id2] }, ["m1", "m3"]],
    ["one id twice", { batchItemFailures: [id2, id2] }, ["m1", "m3"]],
    ["two ids", { batchItemFailures: [id2, id1] }, ["m3"]],
  ])("the answer %s keeps what it names and deletes the rest", async (_what, answer, deleted) => {
    const queue = new MemoryQueue();
    queue.send(...bodies(3));
    const { function: fn, mapping, notices } = mappingOf({ reportBatchItemFailures: true }, queue);
    await eventually(() => expect(fn.invocations).toHaveLength(1));
    fn.invocations[0]?.succeed(answer);
    await eventually(() => expect(mapping.active).toBe(0));
    expect([queue.deleted, notices]).toEqual([deleted, []]);
  });

  test.each([
    ["text", "done", "the answer is a string, expected { batchItemFailures: [] }"],
    ["an array", [id1], "the answer is an array, expected { batchItemFailures: [] }"],
    ["true", true, "the answer is a boolean, expected { batchItemFailures: [] }"],
    ["a list that is text", { batchItemFailures: "m1" }, "the answer has batchItemFailures of type string, expected an array"],
    ["a list of ids alone", { batchItemFailures: ["m1"] }, "no itemIdentifier in batchItemFailures[0]"],
    ["a null entry", { batchItemFailures: [id1, null] }, "no itemIdentifier in batchItemFailures[1]"],
    ["a misspelt key", { batchItemFailures: [{ itemIdentifer: "m1" }] }, "no itemIdentifier in batchItemFailures[0]"],
    ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }, "no itemIdentifier in batchItemFailures[0]"],
    ["a null id", { batchItemFailures: [{ itemIdentifier: null }] }, "no itemIdentifier in batchItemFailures[0]"],
    ["an unknown id", { batchItemFailures: [{ itemIdentifier: "m9" }] }, 'names "m9" in batchItemFailures[0]'],
  ])("the malformed answer %s fails the whole batch, and is told", async (_what, answer, notice) => {
    const queue = new MemoryQueue();
    queue.send(...bodies(3));
    const { function: fn, mapping, notices } = mappingOf({ reportBatchItemFailures: true }, queue);
    await eventually(() => expect(fn.invocations).toHaveLength(1));
    fn.invocations[0]?.succeed(answer);
    await eventually(() => expect(mapping.active).toBe(0));
    expect(queue.deleted).toEqual([]);
    expect(notices).toEqual([expect.stringContaining(notice)]);
    expect(notices[0]).toMatch(/^orders-consumer: .*; all 3 messages of the batch count as failed$/);
  });
});

describe("a function error", () => {
  test.each(["handled", "timeout", "exit", "out of memory", "init"] as const)("(%s) deletes nothing", async (reason) => {
    const queue = new MemoryQueue();
    queue.send(...bodies(3));
    const { function: fn, mapping } = mappingOf({ reportBatchItemFailures: true }, queue);
    await eventually(() => expect(fn.invocations).toHaveLength(1));
    expect(mapping.isProcessing("r-m2")).toBe(true);
    fn.invocations[0]?.answer({ ok: false, reason, errorType: "Error", errorMessage: "no" });
    await eventually(() => expect(mapping.active).toBe(0));
    expect([queue.deleted, mapping.isProcessing("r-m2")]).toEqual([[], false]);
  });
});

describe("a throttled batch", () => {
  test("is tried again after a growing pause", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const queue = new MemoryQueue();
    queue.send("one");
    const { function: fn } = mappingOf({}, queue);
    await turns();
    for (const [index, pause] of [100, 200, 400].entries()) {
      fn.invocations[index]?.answer(throttled);
      await turns();
      vi.advanceTimersByTime(pause - 1);
      await turns();
      expect(fn.batches).toHaveLength(index + 1);
      vi.advanceTimersByTime(1);
      await turns();
      expect(fn.batches).toHaveLength(index + 2);
    }
    fn.invocations[3]?.succeed();
    await turns();
    expect(queue.deleted).toEqual(["m1"]);
  });

  test("is given up while a run would still end within the visibility timeout, and is told", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const queue = new MemoryQueue();
    queue.send("one");
    const { function: fn, mapping, notices } = mappingOf({ visibilityTimeoutSeconds: 60 }, queue);
    await turns();
    const received = performance.now();
    fn.invocations[0]?.answer(throttled);
    for (let attempt = 1; await turns().then(() => mapping.active > 0); attempt += 1) {
      vi.advanceTimersToNextTimer();
      await turns();
      fn.invocations[attempt]?.answer(throttled);
    }
    const seconds = (performance.now() - received) / 1000;
    expect([seconds > 40, seconds <= 50]).toEqual([true, true]);
    expect([queue.deleted, mapping.active]).toEqual([[], 0]);
    expect(notices).toEqual([expect.stringContaining("orders-consumer: throttled, so 1 message goes back to the queue")]);
  });
});
