import { expect, test } from "vitest";
import type { StreamMappingConfig } from "#lib/laptop/services/lambda/mappings/stream-config.ts";
import { StreamMapping } from "#lib/laptop/services/lambda/mappings/stream-mapping.ts";
import type { StreamRecord } from "#lib/laptop/services/dynamodb/streams/table-stream.ts";
import { WriteSignal } from "#lib/laptop/services/dynamodb/streams/write-signal.ts";
import type { InvocationResult } from "#lib/laptop/services/lambda/functions/function-config.ts";
import { eventually, failed, throttled, turns } from "./mapping-support.ts";
import { cleanUps } from "../sandbox/sandbox-support.ts";

const defaults: StreamMappingConfig = {
  functionName: "reader",
  streamArn: "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-11-20T00:00:00.000",
  batchSize: 100,
  windowSeconds: 0,
  reportBatchItemFailures: false,
  bisectOnError: false,
  maximumRetries: -1,
  maximumAgeSeconds: -1,
  filters: [],
};

/** The record of a key, as old as is said. */
function record(key: string, ageSeconds = 0): StreamRecord {
  return {
    eventID: key,
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: "us-east-1",
    dynamodb: { SequenceNumber: key, ApproximateCreationDateTime: Date.now() / 1_000 - ageSeconds, Keys: { pk: { S: key } } },
  };
}

/** A mapping of a stream in memory, whose function answers each invocation with the next of these results, and then well. */
function mappingOf(settings: Partial<StreamMappingConfig>, records: StreamRecord[], results: InvocationResult[] = []) {
  const batches: string[][] = [];
  const sent: unknown[] = [];
  const notices: string[] = [];
  const progress: string[] = [];
  const source = {
    writes: new WriteSignal(),
    read: async (iterator: string, limit: number) => {
      const from = Number(iterator);
      const page = records.slice(from, from + limit);
      return { records: page, iterator: String(from + page.length), ended: page.length === 0 };
    },
  };
  const invoke = async (event: unknown): Promise<InvocationResult> => {
    batches.push(keysOf(event));
    return results.shift() ?? { ok: true, payload: null };
  };
  const mapping = new StreamMapping({ ...defaults, ...settings }, "0", {
    source,
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:reader",
    invoke,
    send: async (destination, what) => void sent.push([destination, what]),
    onProgress: (sequenceNumber) => progress.push(sequenceNumber),
    onNotice: (line) => notices.push(line),
    onChange: () => {},
  });
  mapping.start();
  cleanUps.push(() => mapping.stop());
  const settled = () =>
    eventually(() => {
      mapping.skipWaits();
      expect(mapping.idle).toBe(true);
    });
  return { mapping, batches, sent, notices, progress, settled };
}

function keysOf(event: unknown): string[] {
  if (typeof event !== "object" || event === null || !("Records" in event) || !Array.isArray(event.Records)) return [];
  return event.Records.map(({ eventID }: StreamRecord) => eventID);
}

test("records go in batches of the size that is set, in order, and progress is kept after each", async () => {
  const { batches, progress, settled } = mappingOf(
    { batchSize: 2 },
    ["1", "2", "3"].map((key) => record(key)),
  );
  await settled();
  expect(batches).toEqual([["1", "2"], ["3"]]);
  expect(progress).toEqual(["2", "3"]);
});

test("a throttled batch is tried again and spends no retry", async () => {
  const { batches, sent, settled } = mappingOf(
    { maximumRetries: 0, onFailure: "arn:aws:sqs:x:y:dead" },
    [record("1")],
    [throttled, throttled],
  );
  await settled();
  expect(batches).toEqual([["1"], ["1"], ["1"]]);
  expect(sent).toEqual([]);
});

test("a batch without retries left is given up, and its place is told", async () => {
  const records = ["1", "2", "3"].map((key) => record(key));
  const { batches, sent, notices, settled } = mappingOf(
    { batchSize: 2, maximumRetries: 1, onFailure: "arn:aws:sqs:x:y:dead" },
    records,
    [failed, failed],
  );
  await settled();
  expect(batches).toEqual([["1", "2"], ["1", "2"], ["3"]]);
  expect(sent).toMatchObject([
    [
      "arn:aws:sqs:x:y:dead",
      {
        requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
        DDBStreamBatchInfo: { startSequenceNumber: "1", endSequenceNumber: "2", batchSize: 2, streamArn: defaults.streamArn },
      },
    ],
  ]);
  expect(notices).toEqual(["2 records of its stream given up (RetryAttemptsExhausted); arn:aws:sqs:x:y:dead is told"]);
});

test("a record that is too old when its batch fails is given up, and the rest is tried again", async () => {
  const { batches, sent, settled } = mappingOf(
    { maximumAgeSeconds: 60, onFailure: "arn:aws:sqs:x:y:dead" },
    [record("1", 3_600), record("2")],
    [failed],
  );
  await settled();
  expect(batches).toEqual([["1", "2"], ["2"]]);
  expect(sent).toMatchObject([["arn:aws:sqs:x:y:dead", { requestContext: { condition: "RecordAgeExceeded" } }]]);
});

test("a malformed answer fails the whole batch", async () => {
  const answer: InvocationResult = { ok: true, payload: { batchItemFailures: [{ itemIdentifier: "" }] } };
  const { batches, notices, settled } = mappingOf({ reportBatchItemFailures: true }, [record("1"), record("2")], [answer]);
  await settled();
  expect(batches).toEqual([
    ["1", "2"],
    ["1", "2"],
  ]);
  expect(notices).toEqual([expect.stringContaining("all 2 records of the batch count as failed")]);
});

test("a mapping that is stopped during its retries begins again with the batch that failed", async () => {
  const { mapping, batches, progress, settled } = mappingOf({}, [record("1")], [failed]);
  await turns();
  await mapping.stop();
  expect(mapping.idle).toBe(true);
  expect(progress).toEqual([]);
  mapping.start();
  await settled();
  expect(batches).toEqual([["1"], ["1"]]);
});

test("a setting that Lambda refuses is refused", () => {
  expect(() => mappingOf({ batchSize: 10_001 }, [])).toThrow(
    "event source mapping of reader: BatchSize is 10001, expected 1 to 10000",
  );
});
