import { describe, expect, test } from "vitest";
import { EventPattern } from "#lib/laptop/shared/event-pattern/event-pattern.ts";

function matches(pattern: unknown, event: unknown): boolean {
  return new EventPattern(JSON.stringify(pattern)).matches(event);
}

// By eventbridge/latest/userguide/eb-create-pattern-operators, lambda/latest/dg/invocation-eventfiltering, and what AWS answered when
// others asked it (TestEventPattern).
describe.each<[rule: string, pattern: Record<string, unknown>, matching: unknown[], others: unknown[]]>([
  ["a value", { type: ["placed"] }, [{ type: "placed" }], [{ type: "Placed" }, { type: ["paid"] }, {}]],
  ["one of several values", { type: ["placed", "paid"] }, [{ type: "paid" }], [{ type: "lost" }]],
  ["several fields", { type: ["placed"], country: ["DE"] }, [{ type: "placed", country: "DE" }], [{ type: "placed" }]],
  ["a number", { total: [5] }, [{ total: 5 }, { total: 5.0 }], [{ total: "5" }]],
  ["true", { paid: [true] }, [{ paid: true }], [{ paid: "true" }, { paid: false }]],
  ["null", { coupon: [null] }, [{ coupon: null }], [{}, { coupon: "" }, { coupon: [] }]],
  ["an empty text", { coupon: [""] }, [{ coupon: "" }], [{}, { coupon: null }]],
  ["a field below", { order: { state: ["paid"] } }, [{ order: { state: "paid" } }], [{ order: "paid" }, { state: "paid" }]],
  ["a field below, and not JSON in a text", { a: { b: [1] } }, [{ a: { b: 1 } }], [{ a: '{"b":1}' }]],
  ["a member of a list", { tags: ["new"] }, [{ tags: ["old", "new"] }], [{ tags: ["old"] }, { tags: [] }]],
  ["names joined by a dot", { "order.state": ["paid"] }, [{ order: { state: "paid" } }, { "order.state": "paid" }], [{}]],
  ["a name with a dot in the event", { order: { state: ["paid"] } }, [{ "order.state": "paid" }], [{ "order.state": "lost" }]],
  [
    "fields of one object of a list",
    { lines: { sku: ["tea"], count: [2] } },
    [
      {
        lines: [
          { sku: "rum", count: 1 },
          { sku: "tea", count: 2 },
        ],
      },
      { lines: [[{ sku: "tea", count: 2 }]] },
    ],
    [
      {
        lines: [
          { sku: "tea", count: 1 },
          { sku: "rum", count: 2 },
        ],
      },
    ],
  ],
  ["prefix", { id: [{ prefix: "A" }] }, [{ id: "A1" }], [{ id: "1A" }, { id: 1 }]],
  ["prefix, case ignored", { id: [{ prefix: { "equals-ignore-case": "ab" } }] }, [{ id: "AB1" }], [{ id: "1AB" }]],
  ["suffix", { file: [{ suffix: ".png" }] }, [{ file: "a.png" }], [{ file: "png.a" }]],
  ["suffix, case ignored", { file: [{ suffix: { "equals-ignore-case": ".png" } }] }, [{ file: "a.PNG" }], [{ file: "png" }]],
  ["equals-ignore-case", { city: [{ "equals-ignore-case": "rome" }] }, [{ city: "ROME" }], [{ city: "Romeo" }]],
  ["equals-ignore-case of nothing", { city: [{ "equals-ignore-case": "" }] }, [{ city: "" }], [{ city: "ROME" }, {}]],
  [
    "wildcard",
    { file: [{ wildcard: "/a/*/c*.txt" }] },
    [{ file: "/a/b/c1.txt" }, { file: "/a/b/b/c.txt" }],
    [{ file: "/a/c.txt" }],
  ],
  [
    "a wildcard at the end",
    { file: [{ wildcard: "/a/*" }] },
    [{ file: "/a/" }, { file: "/a/b" }],
    [{ file: "b/a/" }, { file: 1 }],
  ],
  ["wildcard with a repetition", { file: [{ wildcard: "*/dir/dir/x" }] }, [{ file: "/u/dir/dir/dir/x" }], [{ file: "/dir/x" }]],
  ["an escaped wildcard", { file: [{ wildcard: String.raw`a\*b*` }] }, [{ file: "a*b" }, { file: "a*bc" }], [{ file: "axb" }]],
  ["cidr", { ip: [{ cidr: "10.0.0.0/24" }] }, [{ ip: "10.0.0.255" }], [{ ip: "10.0.1.0" }, { ip: "ten" }, { ip: 10 }]],
  ["cidr of IPv6", { ip: [{ cidr: "2001:db8::/32" }] }, [{ ip: "2001:db8:1::" }], [{ ip: "2001:db9::" }, { ip: "10.0.0.1" }]],
  [
    "anything-but",
    { state: [{ "anything-but": ["paid"] }] },
    [{ state: "lost" }, { state: 1 }, { state: null }, { state: true }, { state: ["paid", "lost"] }],
    [{ state: "paid" }, {}, { state: [] }, { state: { x: 1 } }],
  ],
  ["anything-but a number", { total: [{ "anything-but": 0 }] }, [{ total: 1 }, { total: "0" }], [{ total: 0 }]],
  [
    "anything-but a prefix",
    { id: [{ "anything-but": { prefix: "A" } }] },
    [{ id: "B" }, { id: 1 }, { id: null }],
    [{ id: "A1" }, {}],
  ],
  ["anything-but prefixes", { id: [{ "anything-but": { prefix: ["A", "B"] } }] }, [{ id: "C" }], [{ id: "A1" }, { id: "B1" }]],
  ["anything-but a suffix", { id: [{ "anything-but": { suffix: ".png" } }] }, [{ id: "a.jpg" }], [{ id: "a.png" }]],
  [
    "anything-but texts, case ignored",
    { id: [{ "anything-but": { "equals-ignore-case": ["a", "b"] } }] },
    [{ id: "c" }],
    [{ id: "A" }, { id: "b" }],
  ],
  ["anything-but a wildcard", { id: [{ "anything-but": { wildcard: "*/x/*" } }] }, [{ id: "x" }], [{ id: "a/x/b" }]],
  ["anything-but an empty wildcard", { id: [{ "anything-but": { wildcard: "" } }] }, [{ id: "x" }], [{ id: "" }]],
  [
    "a range",
    { total: [{ numeric: [">", 0, "<=", 10] }] },
    [{ total: 10 }, { total: 1 }],
    [{ total: 0 }, { total: 11 }, { total: "5" }, { total: null }],
  ],
  ["an equal number", { total: [{ numeric: ["=", 3.018e2] }] }, [{ total: 301.8 }], [{ total: 4 }]],
  [
    "exists",
    { coupon: [{ exists: true }] },
    [{ coupon: null }, { coupon: "x" }],
    [{}, { coupon: [] }, { coupon: { code: "x" } }],
  ],
  [
    "exists not",
    { coupon: [{ exists: false }] },
    [{}, { coupon: [] }, { coupon: { code: "x" } }],
    [{ coupon: "x" }, { coupon: null }],
  ],
  ["exists not, far below", { a: { b: { c: [{ exists: false }] } } }, [{}, { a: { b: 1 } }], [{ a: { b: { c: 1 } } }]],
  [
    "exists not in any object of a list",
    { lines: { gift: [{ exists: false }], sku: ["tea"] } },
    [{ lines: [{ sku: "tea" }] }],
    [{ lines: [{ sku: "tea" }, { gift: true }] }],
  ],
  [
    "anything but a text, or nothing",
    { image: { S: [{ "anything-but": ["rose"] }, { exists: false }] } },
    [{ image: { S: "tulip" } }, { image: { N: "1" } }, {}],
    [{ image: { S: "rose" } }],
  ],
  [
    "$or",
    { $or: [{ a: [1] }, { b: [2] }], c: [3] },
    [
      { a: 1, c: 3 },
      { b: 2, c: 3 },
    ],
    [{ c: 3 }, { a: 1 }],
  ],
  [
    "$or within $or",
    { source: ["shop"], $or: [{ a: [1] }, { b: [2], $or: [{ c: [3] }, { d: [{ exists: false }] }] }] },
    [
      { source: "shop", b: 2, d: 1, c: 3 },
      { source: "shop", b: 2 },
    ],
    [{ source: "shop", b: 2, d: 1 }, { a: 1 }],
  ],
])("a pattern with %s", (_, pattern, matching, others) => {
  test.each(matching.map((event) => [event]))("matches %j", (event) => expect(matches(pattern, event)).toBe(true));
  test.each(others.map((event) => [event]))("does not match %j", (event) => expect(matches(pattern, event)).toBe(false));
});

// The reasons and the places are AWS's own, as it gave them for these patterns.
test.each([
  ['{"int": 42}', '"int" must be an object or an array', 11],
  ['{"string": "my-value"}', '"string" must be an object or an array', 13],
  ['{"resources": []}', "Empty arrays are not allowed", 17],
  ['{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 28],
  ['{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', "Unrecognized match type NUMERIC", 36],
  ['{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', "Bad numeric range operator: >", 49],
  ['{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", 50],
  ['{"time": [{"prefix": ["2022-07-13"]}]}', "prefix match pattern must be a string", 23],
  ['{"time": [{"prefix": 123}]}', "prefix match pattern must be a string", 25],
  ['{"FileName": [{"suffix": [".png"]}]}', "suffix match pattern must be a string", 27],
  ['{"EventBusArn": [{"wildcard": 123}]}', "wildcard match pattern must be a string", 34],
  ['{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}', "prefix match pattern must be a string", 43],
  [
    '{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}',
    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    66,
  ],
  ['{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}', "prefix/suffix match pattern must be a string", 54],
  [
    '{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}',
    "Value of anything-but must be an array or single string/number value.",
    55,
  ],
  ['["not", "a", "dict", "but valid json"]', "Filter is not an object", 2],
  ["{'bad': 'quotation'}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2],
  [
    "this is valid json but not a dict",
    "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    5,
  ],
])("the pattern %s is refused, with the place", (pattern, reason, column) => {
  const message = `${reason}\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
  expect(() => new EventPattern(pattern)).toThrow(message);
});

test.each([
  ['{"EventBusArn": [{"wildcard": "arn:**:event-bus/*"}]}', "Consecutive wildcard characters at pos 5"],
  [
    '{"EventBusArn": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}',
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character",
  ],
  ['{"ip": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"],
  ['{"ip": [{"cidr": "10.0.0.0/xx"}]}', "Malformed CIDR, mask bits must be an integer"],
  ['{"ip": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"],
  ['{"a": [{"anything-but": {"prefix": [123, "test"]}}]}', "prefix/suffix match pattern must be a string"],
  ['{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"],
  ['{"a": [{"anything-but": ["stopped", null]}]}', "Inside anything but list, start|null|boolean is not supported."],
  ['{"a": [{"anything-but": ["stopped", 1]}]}', "mixed type is not supported"],
  ['{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"],
  ['{"$or": [{"a": [1]}]}', "There must have at least 2 Objects in $or relationship."],
  ['{"$or": [{"prefix": [1]}, {"a": [1]}]}', "prefix is Ruler reserved fieldName which cannot be used inside $or."],
  ["{}", "Empty objects are not allowed"],
  ['{"a": [[1]]}', "Match value must be String, number, true, false, or null"],
])("the pattern %s is refused: %s", (pattern, reason) => {
  expect(() => new EventPattern(pattern)).toThrow(reason);
});

describe("an event that is made to be slow", () => {
  const isQuick = (pattern: unknown, event: unknown) => {
    const startedAt = performance.now();
    matches(pattern, event);
    return performance.now() - startedAt < 1_000;
  };

  test("with a list of many numbers is matched at once", () => {
    expect(
      isQuick({ a: [{ numeric: [">", 1e9] }], b: [{ exists: false }] }, { a: Array.from({ length: 200_000 }, (_, n) => n) }),
    ).toBe(true);
  });

  test("with a text that nearly matches each wildcard is matched at once", () => {
    expect(isQuick({ a: [{ wildcard: "*aab*aac*aad*x" }] }, { a: "a".repeat(500_000) })).toBe(true);
  });

  test("is refused before alternatives multiply without end", () => {
    const or = Array.from({ length: 12 }, (_, n) => [`f${n}`, { $or: [{ a: [1] }, { b: [1] }, { c: [1] }] }]);
    expect(() => new EventPattern(JSON.stringify(Object.fromEntries(or)))).toThrow("Rule is too complex");
  });
});
