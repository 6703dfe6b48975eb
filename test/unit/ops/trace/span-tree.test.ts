import { describe, expect, test } from "vitest";
import type { Entry } from "#lib/ops/tail/entry.ts";
import { findTraces, type SpanEntry } from "#lib/ops/trace/find-traces.ts";
import { flatten, spanTrees } from "#lib/ops/trace/span-tree.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const OTHER = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("the tree of a trace", () => {
  test("hangs each handling below the one that published its event, the earliest first", () => {
    const trees = spanTrees([
      handled("c", "b", { service: "payments", time: 300 }),
      handled("d", "b", { service: "ledger", time: 250 }),
      handled("b", "a", { service: "orders", time: 200 }),
    ]);
    expect(trees).toMatchObject([{ service: "orders", children: [{ service: "ledger" }, { service: "payments" }] }]);
  });

  test("has a root for each handling whose parent is out of reach", () => {
    expect(spanTrees([handled("b", "gone"), handled("c", "gone")]).map(({ id }) => id)).toEqual(["b", "c"]);
  });

  test("has one span for all attempts at an event, from the first one's beginning to the last one's end", () => {
    const attempts = [
      handled("b", "a", { time: 100, milliseconds: 40, outcome: "retry" }),
      handled("b", "a", { time: 900, milliseconds: 10, outcome: "done" }),
    ];
    expect(spanTrees(attempts)).toMatchObject([{ start: 60, end: 900, outcome: "done", attempts: 2, copies: 0 }]);
  });

  test("counts copies apart: they change nothing", () => {
    const copy = handled("b", "a", { time: 9_000, outcome: "duplicate" });
    const done = handled("b", "a", { time: 100, outcome: "done" });
    expect(spanTrees([done, copy])).toMatchObject([{ end: 100, outcome: "done", attempts: 1, copies: 1 }]);
    expect(spanTrees([copy])).toMatchObject([{ outcome: "duplicate", attempts: 0, copies: 1 }]);
  });
});

describe("the traces of an order", () => {
  const entries = [
    handled("b", "a", { subject: "536365", time: 20 }),
    handled("c", "b", { subject: "other", time: 30 }),
    { ...handled("x", "y", { subject: "536365", time: 10 }), trace: { id: OTHER, span: "x", parent: "y" } },
  ];

  test("are found by its subject, whole, the oldest first", async () => {
    const traces = await findTraces("536365", async () => entries);
    expect(traces.map((trace) => flatten(spanTrees(trace)).map(({ id }) => id))).toEqual([["x"], ["b", "c"]]);
  });

  test("or by their own ids, in one search", async () => {
    const searched: string[] = [];
    const traces = await findTraces(TRACE, async (text) => {
      searched.push(text);
      return entries;
    });
    expect(searched).toEqual([TRACE]);
    expect(traces).toHaveLength(1);
  });
});

/** What a service's log says of an event it handled. */
function handled(span: string, parent: string, more: Partial<Omit<Entry, "trace">> & { subject?: string } = {}): SpanEntry {
  const { subject = "536365", ...rest } = more;
  return {
    time: 100,
    service: "orders",
    kind: "record",
    level: "info",
    message: "event done",
    outcome: "done",
    milliseconds: 5,
    event: { id: `event ${span}`, type: "order.placed.v1", subject },
    trace: { id: TRACE, span, parent },
    ...rest,
  };
}
