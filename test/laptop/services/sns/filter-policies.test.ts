import { describe, expect, test } from "vitest";
import { FilterPolicy, type FilterScope } from "#lib/laptop/services/sns/filters/filter-policy.ts";

const compile = (policy: unknown, scope: FilterScope = "MessageAttributes") => new FilterPolicy(JSON.stringify(policy), scope);
const values = (length: number) => Array.from({ length }, (_, n) => `value${n}`);

/** The reasons and places are AWS's own, as it gave them for these policies. */
test.each([
  [{ key: [["value"]] }, "Match value must be String, number, true, false, or null", 10],
  [{ key: [{ "wrong-operator": true }] }, "Unrecognized match type wrong-operator", 31],
  [{ key: [{ suffix: "value", prefix: "value2" }] }, "Only one key allowed in match expression", 37],
  [{ key: [{ suffix: null }] }, "suffix match pattern must be a string", 23],
  [{ key: { suffix: "value" } }, '"suffix" must be an object or an array', 19],
  [{ key: [{ numeric: [] }] }, "Invalid member in numeric match: ]", 22],
  [{ key: [{ numeric: ["operator"] }] }, "Unrecognized numeric range operator: operator", 32],
  [{ key: [{ numeric: [">", 3, "<", 1] }] }, "Bottom must be less than top", 33],
  [{ key: [{ exists: "no" }] }, "exists match pattern must be either true or false.", 20],
  [{ key: [{ "anything-but": { suffix: "test" } }] }, "Unsupported anything-but pattern: suffix", 36],
  [{ key: [{ "anything-but": { prefix: false } }] }, "prefix match pattern must be a string", 40],
  [{ key: [{ wildcard: "a*" }] }, "Unrecognized match type wildcard", 22],
])("the policy %j is refused, with the place", (policy, reason, column) => {
  const place = `\n at [Source: (String)"${JSON.stringify(policy)}"; line: 1, column: ${column}]`;
  expect(() => compile(policy)).toThrow(`${reason}${place}`);
});

describe("a policy may have", () => {
  test("150 combinations of values, which count for more the deeper they lie", () => {
    expect(() => compile({ key: values(151) })).toThrow("Filter policy is too complex");
    expect(() => compile({ key1: values(100), key2: values(51) })).toThrow("Filter policy is too complex");
    const nested = { key_a: { key_b: { key_c: values(4) } }, key_d: { key_e: values(3) }, key_f: values(3) };
    expect(() => compile(nested, "MessageBody")).toThrow("Filter policy is too complex");
    const flat = (last: number) => ({
      source: values(3),
      $or: [{ metricName: values(6) }, { metricType: values(4), $or: [{ metricId: values(4) }, { spaceId: values(last) }] }],
    });
    expect(() => compile(flat(7))).not.toThrow();
    expect(() => compile(flat(8))).toThrow("Filter policy is too complex");
  });

  test("five names", () => {
    const names = Object.fromEntries(values(6).map((name) => [name, ["x"]]));
    expect(() => compile(names)).toThrow("Filter policy can not have more than 5 keys");
  });

  test("names below others for the body alone", () => {
    const policy = { object: { key: [{ prefix: "auto-" }] } };
    expect(() => compile(policy)).toThrow("Filter policy scope MessageAttributes does not support nested filter policy");
    expect(() => compile(policy, "MessageBody")).not.toThrow();
  });
});

describe("a policy on the body", () => {
  const passes = (policy: unknown, json: unknown) => compile(policy, "MessageBody").passes({ json, values: new Map() });

  test("looks for all it wants in one object of a list", () => {
    const policy = { Records: { eventName: [{ prefix: "ObjectCreated:" }], s3: { object: { key: [{ prefix: "auto-" }] } } } };
    const record = (eventName: string, key: string) => ({ eventName, s3: { object: [[{ key }]] } });
    expect(passes(policy, { Records: [record("ObjectCreated:Put", "auto-1"), record("ObjectRemoved:Delete", "home-1")] })).toBe(
      true,
    );
    expect(passes(policy, { Records: [record("ObjectRemoved:Delete", "auto-1"), record("ObjectCreated:Put", "home-1")] })).toBe(
      false,
    );
  });

  test.each([
    { object: { nested: { test: "x" } } },
    { "object.nested.test": "x" },
    { "object.nested": { test: "x" } },
    { object: { "nested.test": "x" } },
  ])("takes a name with dots for names below each other: %j", (json) => {
    expect(passes({ "object.nested.test": ["x"] }, json)).toBe(true);
  });

  test("is done at once with a body of 130,000 numbers", () => {
    const startedAt = performance.now();
    const json = { a: Array.from({ length: 130_000 }, (_, n) => n) };
    expect(passes({ a: [{ numeric: ["<", 0] }], b: [{ exists: false }] }, json)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
