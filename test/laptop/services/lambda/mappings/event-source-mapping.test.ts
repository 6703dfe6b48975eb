import { afterEach, describe, expect, test, vi } from "vitest";
import type { MappingConfig } from "#lib/laptop/services/lambda/mappings/event-source-mapping.ts";
import type { ReceivedMessage } from "#lib/laptop/services/source-queue.ts";
import { bodies, eventually, failed, mappingOf, MemoryQueue, turns } from "./mapping-support.ts";

afterEach(() => {
  vi.useRealTimers();
});

const ids = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `m${from + index}`);

describe("a batch", () => {
  test("reaches the function as Lambda's SQS event", async () => {
    const queue = new MemoryQueue();
    const { function: fn } = mappingOf({}, queue);
    const message: ReceivedMessage = {
      messageId: "m1",
      receiptHandle: "r-m1",
      body: "hello",
      md5OfBody: "5d41402abc4b2a76b9719d911017c592",
      attributes: { ApproximateReceiveCount: "2", SentTimestamp: "1700000000000", MessageGroupId: "g" },
      messageAttributes: {
        type: { DataType: "String", StringValue: "order.placed.v1" },
        raw: { DataType: "Binary", BinaryValue: "AQI=" },
      },
    };
    queue.ready.push(message);
    queue.send("next");
    await eventually(() => expect(fn.batches).toEqual([["m1", "m1"]]));
    expect(fn.invocations[0]?.records[0]).toEqual({
      messageId: "m1",
      receiptHandle: "r-m1",
      body: "hello",
      attributes: { ApproximateReceiveCount: "2", SentTimestamp: "1700000000000", MessageGroupId: "g" },
      messageAttributes: {
        type: { stringValue: "order.placed.v1", stringListValues: [], binaryListValues: [], dataType: "String" },
        raw: { binaryValue: "AQI=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
      },
      md5OfBody: "5d41402abc4b2a76b9719d911017c592",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:orders",
      awsRegion: "eu-west-1",
    });
  });

  test("holds no more than the batch size", async () => {
    const queue = new MemoryQueue();
    queue.send(...bodies(5));
    const { function: fn } = mappingOf({ batchSize: 3 }, queue);
    await eventually(() => expect(fn.batches).toEqual([ids(3), ids(2, 4)]));
  });

  test("takes along what arrives in the same turn of the event loop", async () => {
    const queue = new MemoryQueue();
    const { function: fn } = mappingOf({}, queue);
    await turns();
    for (const body of bodies(10)) {
      queue.send(body);
      await Promise.resolve();
    }
    await eventually(() => expect(fn.batches).toEqual([ids(10)]));
  });

  test("goes to the function without waiting for more when there is no window", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const queue = new MemoryQueue();
    const { function: fn } = mappingOf({}, queue);
    queue.send("one");
    await turns();
    expect(fn.batches).toEqual([["m1"]]);
  });
});

describe("concurrency", () => {
  test("is limited by MaximumConcurrency: the rest stays in the queue and leaves it in full batches", async () => {
    const queue = new MemoryQueue();
    queue.send(...bodies(35));
    const { function: fn, mapping } = mappingOf({ maximumConcurrency: 2 }, queue);
    await eventually(() => expect(fn.batches).toEqual([ids(10), ids(10, 11)]));
    await turns();
    expect([mapping.active, queue.ready.length]).toEqual([2, 15]);
    fn.invocations[1]?.succeed();
    await eventually(() => expect(fn.batches[2]).toEqual(ids(10, 21)));
    fn.invocations[0]?.succeed();
    await eventually(() => expect(fn.batches[3]).toEqual(ids(5, 31)));
  });

  test("is between two and five batches when the template sets none", async () => {
    const queue = new MemoryQueue();
    queue.send(...bodies(100));
    const { function: fn } = mappingOf({}, queue);
    await turns();
    expect(fn.batches.length).toBeGreaterThanOrEqual(2);
    expect(fn.batches.length).toBeLessThanOrEqual(5);
  });
});

describe("a window", () => {
  test("gathers up to the batch size over ten, then goes at once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const queue = new MemoryQueue();
    queue.send(...bodies(20));
    const { function: fn, mapping } = mappingOf({ batchSize: 25, windowSeconds: 60 }, queue);
    await turns();
    expect([fn.batches, mapping.active, mapping.isProcessing("r-m1")]).toEqual([[], 1, true]);
    queue.send(...bodies(7, 21));
    await turns();
    expect(fn.batches).toEqual([ids(25)]);
  });

  test("that ends hands over what it has gathered", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const queue = new MemoryQueue();
    queue.send("one");
    const { function: fn } = mappingOf({ windowSeconds: 60 }, queue);
    await turns();
    vi.advanceTimersByTime(59_000);
    queue.send("two");
    await turns();
    expect(fn.batches).toEqual([]);
    vi.advanceTimersByTime(1_000);
    await turns();
    expect(fn.batches).toEqual([["m1", "m2"]]);
  });

  test("ends when 6 MB are gathered", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const queue = new MemoryQueue();
    const { function: fn } = mappingOf({ batchSize: 100, windowSeconds: 60 }, queue);
    for (let sent = 0; sent < 7; sent += 1) {
      queue.send("x".repeat(1024 * 1024));
      await turns();
    }
    await eventually(() => expect(fn.batches).toEqual([ids(5)]));
    fn.invocations[0]?.succeed();
    await eventually(() => expect(fn.batches[1]).toEqual(["m6"]));
  });
});

describe("a payload over 6 MB", () => {
  const large = Array.from({ length: 10 }, () => "x".repeat(1024 * 1024));

  test("is cut into invocations that run one after the other", async () => {
    const queue = new MemoryQueue();
    queue.send(...large);
    const { function: fn } = mappingOf({}, queue);
    await eventually(() => expect(fn.batches).toEqual([ids(5)]));
    fn.invocations[0]?.answer(failed);
    await eventually(() => expect(fn.batches).toEqual([ids(5), ids(5, 6)]));
    fn.invocations[1]?.succeed();
    await eventually(() => expect(queue.deleted).toEqual(ids(5, 6)));
  });

  test("of a FIFO queue ends at the first failure, so that nothing overtakes", async () => {
    const queue = new MemoryQueue(true);
    queue.send(...large);
    const { function: fn, mapping } = mappingOf({}, queue);
    await eventually(() => expect(fn.batches).toEqual([ids(5)]));
    fn.invocations[0]?.answer(failed);
    await eventually(() => expect(mapping.active).toBe(0));
    expect([fn.batches.length, queue.deleted]).toEqual([1, []]);
  });
});

describe("settings that Lambda refuses are refused in one line:", () => {
  test.each<[Partial<MappingConfig>, boolean, string]>([
    [{ batchSize: 0 }, false, "BatchSize is 0, expected 1 to 10000 on a standard queue"],
    [{ batchSize: 11 }, true, "BatchSize is 11, expected 1 to 10 on a FIFO queue"],
    [{ windowSeconds: 1 }, true, "MaximumBatchingWindowInSeconds is 1, expected 0 on a FIFO queue"],
    [{ windowSeconds: 301 }, false, "MaximumBatchingWindowInSeconds is 301, expected 0 to 300"],
    [{ batchSize: 11 }, false, "MaximumBatchingWindowInSeconds is 0, expected at least 1 with a BatchSize over 10 (here 11)"],
    [{ maximumConcurrency: 1 }, false, "MaximumConcurrency is 1, expected 2 to 1000"],
  ])("%o, FIFO %s", (settings, fifo, message) => {
    expect(() => mappingOf(settings, new MemoryQueue(fifo))).toThrow(
      new RangeError(`event source mapping of orders-consumer: ${message}`),
    );
  });
});

describe("stopping", () => {
  test("receives no more and waits for what runs", async () => {
    const queue = new MemoryQueue();
    queue.send("one");
    const { function: fn, mapping } = mappingOf({}, queue);
    await eventually(() => expect(fn.invocations).toHaveLength(1));
    let stopped = false;
    const stop = mapping.stop().then(() => (stopped = true));
    queue.send("two");
    await turns();
    expect([stopped, queue.ready.length]).toEqual([false, 1]);
    fn.invocations[0]?.succeed();
    await stop;
    expect([queue.deleted, mapping.active]).toEqual([["m1"], 0]);
  });

  test("closes the window and hands over what is gathered", async () => {
    const queue = new MemoryQueue();
    queue.send("one");
    const { function: fn, mapping } = mappingOf({ windowSeconds: 300 }, queue);
    await eventually(() => expect(mapping.active).toBe(1));
    const stop = mapping.stop();
    await eventually(() => expect(fn.batches).toEqual([["m1"]]));
    fn.invocations[0]?.succeed();
    await stop;
    expect(queue.deleted).toEqual(["m1"]);
  });

  test("can be followed by a new start", async () => {
    const queue = new MemoryQueue();
    const { function: fn, mapping } = mappingOf({}, queue);
    await mapping.stop();
    queue.send("one");
    mapping.start();
    await eventually(() => expect(fn.batches).toEqual([["m1"]]));
  });
});

test("a queue that cannot be read is told, and read again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const queue = new MemoryQueue();
  vi.spyOn(queue, "receive").mockRejectedValueOnce(new Error("no such queue"));
  const { function: fn, notices } = mappingOf({}, queue);
  await turns();
  expect(notices).toEqual([expect.stringContaining("cannot receive from arn:aws:sqs:")]);
  queue.send("one");
  vi.advanceTimersByTime(5_000);
  await turns();
  expect(fn.batches).toEqual([["m1"]]);
});
