import { describe, expect, test } from "vitest";
import { faultOf, matchesPattern } from "#lib/laptop/shared/event-pattern.ts";

// By https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html, "Filter rule syntax".
describe.each<[rule: string, pattern: Record<string, unknown>, matching: unknown[], others: unknown[]]>([
  ["a value", { type: ["placed"] }, [{ type: "placed" }], [{ type: "Placed" }, { type: ["paid"] }, {}]],
  ["one of several values", { type: ["placed", "paid"] }, [{ type: "paid" }], [{ type: "lost" }]],
  ["several fields", { type: ["placed"], country: ["DE"] }, [{ type: "placed", country: "DE" }], [{ type: "placed" }]],
  ["a number", { total: [5] }, [{ total: 5 }], [{ total: "5" }]],
  ["null", { coupon: [null] }, [{ coupon: null }], [{}, { coupon: "" }]],
  ["an empty text", { coupon: [""] }, [{ coupon: "" }], [{}, { coupon: null }]],
  ["a field below", { order: { state: ["paid"] } }, [{ order: { state: "paid" } }], [{ order: "paid" }, { state: "paid" }]],
  ["a member of a list", { tags: ["new"] }, [{ tags: ["old", "new"] }], [{ tags: ["old"] }, { tags: [] }]],
  ["prefix", { id: [{ prefix: "A" }] }, [{ id: "A1" }], [{ id: "1A" }, { id: 1 }]],
  ["suffix", { file: [{ suffix: ".png" }] }, [{ file: "a.png" }], [{ file: "png.a" }]],
  ["equals-ignore-case", { city: [{ "equals-ignore-case": "rome" }] }, [{ city: "ROME" }], [{ city: "Romeo" }]],
  ["anything-but", { state: [{ "anything-but": ["paid"] }] }, [{ state: "lost" }, { state: 1 }], [{ state: "paid" }, {}]],
  ["anything-but a prefix", { id: [{ "anything-but": { prefix: "A" } }] }, [{ id: "B" }], [{ id: "A1" }, {}]],
  [
    "a range",
    { total: [{ numeric: [">", 0, "<=", 10] }] },
    [{ total: 10 }, { total: 1 }],
    [{ total: 0 }, { total: 11 }, { total: "5" }],
  ],
  ["an equal number", { total: [{ numeric: ["=", 3] }] }, [{ total: 3 }], [{ total: 4 }]],
  ["exists", { coupon: [{ exists: true }] }, [{ coupon: null }, { coupon: "x" }], [{}]],
  ["exists not", { coupon: [{ exists: false }] }, [{}], [{ coupon: "x" }]],
  [
    "$or",
    { $or: [{ a: [1] }, { b: [2] }], c: [3] },
    [
      { a: 1, c: 3 },
      { b: 2, c: 3 },
    ],
    [{ c: 3 }, { a: 1 }],
  ],
])("a pattern with %s", (_, pattern, matching, others) => {
  test.each(matching.map((event) => [event]))("matches %j", (event) => expect(matchesPattern(pattern, event)).toBe(true));
  test.each(others.map((event) => [event]))("does not match %j", (event) => expect(matchesPattern(pattern, event)).toBe(false));
});

test.each([
  [{ body: { type: "placed" } }, 'the pattern.body.type is "placed": expected a list of alternatives'],
  [{ type: [{ like: "x" }] }, "the pattern.type has the rule like: expected one of exists, prefix"],
  [["placed"], 'the pattern is ["placed"]: expected an object'],
])("the pattern %j is refused, and why", (pattern, why) => {
  expect(faultOf(pattern)).toContain(why);
});
