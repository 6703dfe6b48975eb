import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { Metrics } from "#lib/runtime/telemetry/metrics.ts";

const done = { outcome: "done", event: { id: "1", type: "tool.wanted.v1" }, ageMilliseconds: 120 };
const copy = { outcome: "duplicate", event: { id: "1", type: "tool.wanted.v1" } };
const failed = {
  outcome: "retry",
  event: { id: "2", type: "tool.made.v1" },
  error: new TypeError("no tool"),
  ageMilliseconds: 2_000_000,
};

describe("the metrics of an invocation", () => {
  test("are one line for each type of event, with its outcomes and the ages of its events", () => {
    const lines = linesOf([done, { ...done, ageMilliseconds: 80 }, copy, { ...done, event: { type: "tool.made.v1" } }]);

    expect(lines).toHaveLength(2);
    expect(lines.flatMap(metricsOf)).toEqual([
      { name: "Done", values: 2, of: { FunctionName: "workshop", EventType: "tool.wanted.v1" } },
      { name: "EventAge", values: [120, 80], of: { FunctionName: "workshop", EventType: "tool.wanted.v1" } },
      { name: "Duplicate", values: 1, of: { FunctionName: "workshop", EventType: "tool.wanted.v1" } },
      { name: "Done", values: 1, of: { FunctionName: "workshop", EventType: "tool.made.v1" } },
      { name: "EventAge", values: [120], of: { FunctionName: "workshop", EventType: "tool.made.v1" } },
    ]);
  });

  test("have a line for each reason of retries, sent again or left in the queue, and one for how old their events are", () => {
    const later = { outcome: "postponed", event: { type: "tool.made.v1" } };
    const metrics = linesOf([failed, failed, later]).flatMap(metricsOf);

    expect(metrics).toEqual([
      { name: "Retry", values: 3, of: { FunctionName: "workshop", EventType: "tool.made.v1" } },
      { name: "Retries", values: 2, of: { FunctionName: "workshop", Reason: "TypeError" } },
      { name: "RetriedEventAge", values: [2_000_000, 2_000_000], of: { FunctionName: "workshop" } },
      { name: "Retries", values: 1, of: { FunctionName: "workshop", Reason: "RetryLaterError" } },
    ]);
  });

  test("count the handler's own failures by the published version, which a canary is judged by", () => {
    const own = { ...failed, because: "own" };
    const failuresOf = (version: string | undefined) =>
      linesOf([own, own, failed], version)
        .flatMap(metricsOf)
        .filter(({ name }) => name === "HandlerFailures");

    expect(failuresOf("7")).toEqual([{ name: "HandlerFailures", values: 2, of: { FunctionName: "workshop", Version: "7" } }]);
    expect(failuresOf("$LATEST")).toEqual([]);
    expect(failuresOf(undefined)).toEqual([]);
  });

  test("count what could not be read as of an unknown type: a publisher's text makes no metric", () => {
    expect(linesOf([{ outcome: "dead", error: new Error("no JSON") }]).flatMap(metricsOf)).toEqual([
      { name: "Dead", values: 1, of: { FunctionName: "workshop", EventType: "unknown" } },
    ]);
  });

  test("are nothing at all where nothing was handled, and are written once", () => {
    expect(linesOf([{ attempt: 1 }, { outcome: "asleep" }])).toEqual([]);

    const written: string[] = [];
    const metrics = new Metrics("workshop", (line) => void written.push(line));
    metrics.observe(done);
    metrics.flush();
    metrics.flush();
    expect(written).toHaveLength(1);
  });
});

function linesOf(records: readonly Record<string, unknown>[], version?: string): unknown[] {
  const written: string[] = [];
  const metrics = new Metrics("workshop", (line) => void written.push(line), version);
  for (const record of records) metrics.observe(record);
  metrics.flush();
  return written.map((line): unknown => JSON.parse(line));
}

/** AmazonCloudWatch, "Specification: Embedded metric format" */
const embedded = v.looseObject({
  _aws: v.object({
    Timestamp: v.number(),
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.literal("Fanfare"),
        Dimensions: v.array(v.pipe(v.array(v.string()), v.maxLength(30))),
        Metrics: v.pipe(v.array(v.object({ Name: v.string(), Unit: v.optional(v.literal("Milliseconds")) })), v.maxLength(100)),
      }),
    ),
  }),
});
const value = v.union([v.number(), v.pipe(v.array(v.number()), v.maxLength(100))]);

/** The metrics that CloudWatch extracts from a line: each with its values, and the dimensions that it has them by. */
function metricsOf(line: unknown) {
  const root = v.parse(embedded, line);
  const { _aws: metadata } = root;
  return metadata.CloudWatchMetrics.flatMap(({ Dimensions, Metrics: names }) =>
    Dimensions.flatMap((dimensions) => {
      const of = Object.fromEntries(dimensions.map((name) => [name, v.parse(v.string(), root[name])]));
      return names.map(({ Name }) => ({ name: Name, values: v.parse(value, root[Name]), of }));
    }),
  );
}
