/**
 * What filter policies let through: the expected column is AWS's documentation, page by page, and where that has examples, they are
 * the cases. The app makes a topic and a subscription of each row, and filters.test.ts publishes its messages.
 */

/** What a case publishes. An attribute is a text, a number, or a list (String.Array). */
export type FilterMessage =
  | { readonly attributes: Readonly<Record<string, string | number | readonly string[]>> }
  /** JSON, or what is none. */
  | { readonly body: Readonly<Record<string, unknown>> | string };

export interface FilterRow {
  /** A sentence on what AWS documents. */
  readonly title: string;
  /** Below docs.aws.amazon.com. */
  readonly page: string;
  readonly scope: "MessageAttributes" | "MessageBody";
  readonly policy: Readonly<Record<string, unknown>>;
  readonly delivered: readonly FilterMessage[];
  readonly kept: readonly FilterMessage[];
}

const STRINGS = "sns/latest/dg/string-value-matching.html";
const NUMBERS = "sns/latest/dg/numeric-value-matching.html";
const KEYS = "sns/latest/dg/attribute-key-matching.html";
const LOGIC = "sns/latest/dg/and-or-logic.html";
const SCOPE = "sns/latest/dg/sns-message-filtering-scope.html";
const CONSTRAINTS = "sns/latest/dg/subscription-filter-policy-constraints.html";
const POLICIES = "sns/latest/dg/sns-subscription-filter-policies.html";

const interests = (...values: readonly (string | readonly string[])[]) =>
  values.map((customer_interests) => ({ attributes: { customer_interests } }));
const prices = (...values: readonly number[]) => values.map((price_usd) => ({ attributes: { price_usd } }));
const bodies = (...values: readonly (Record<string, unknown> | string)[]) => values.map((body) => ({ body }));

const ofAttributes = {
  exact: {
    title: "A string matches an equal attribute, or one element of an array attribute",
    page: STRINGS,
    policy: { customer_interests: ["rugby", "tennis"] },
    delivered: interests("rugby", "tennis", ["rugby", "tennis"], ["baseball", "tennis"]),
    kept: interests("baseball", ["baseball"], "rugby league"),
  },
  "exact-case": {
    title: "Strings are compared case-sensitively",
    page: CONSTRAINTS,
    policy: { customer_interests: ["rugby"] },
    delivered: interests("rugby"),
    kept: interests("Rugby", "RUGBY"),
  },
  "all-names": {
    title: "All keys of a policy must match; a key that the message lacks does not",
    page: LOGIC,
    policy: { customer_interests: ["rugby"], price_usd: [{ numeric: [">", 100] }] },
    delivered: [{ attributes: { customer_interests: "rugby", price_usd: 101, store: "other" } }],
    kept: [
      { attributes: { customer_interests: "rugby", price_usd: 100 } },
      { attributes: { customer_interests: "tennis", price_usd: 101 } },
      { attributes: { customer_interests: "rugby" } },
      { attributes: {} },
    ],
  },
  "any-value": {
    title: "One of a key's values is enough",
    page: LOGIC,
    policy: { customer_interests: ["rugby", "football", { prefix: "base" }] },
    delivered: interests("rugby", "football", "baseball"),
    kept: interests("tennis"),
  },
  or: {
    title: "`$or` requires one of several keys to match",
    page: LOGIC,
    policy: { source: ["aws.cloudwatch"], $or: [{ metricName: ["CPUUtilization"] }, { namespace: ["AWS/EC2"] }] },
    delivered: [
      { attributes: { source: "aws.cloudwatch", metricName: "CPUUtilization" } },
      { attributes: { source: "aws.cloudwatch", namespace: "AWS/EC2", metricName: "other" } },
    ],
    kept: [
      { attributes: { source: "aws.cloudwatch", namespace: "AWS/ES" } },
      { attributes: { source: "aws.s3", metricName: "CPUUtilization" } },
      { attributes: { source: "aws.cloudwatch" } },
    ],
  },
  "anything-but": {
    title: "`anything-but` matches every other string",
    page: STRINGS,
    policy: { customer_interests: [{ "anything-but": ["rugby", "tennis"] }] },
    delivered: interests("baseball", "football", ["baseball"]),
    kept: interests("rugby", "tennis", ["rugby"]),
  },
  "anything-but-missing": {
    title: "`anything-but` does not match a missing attribute",
    page: POLICIES,
    policy: { customer_interests: [{ "anything-but": ["rugby"] }] },
    delivered: interests("tennis"),
    kept: [{ attributes: { store: "fans" } }, { attributes: {} }],
  },
  "anything-but-or-missing": {
    title: "`anything-but` can be combined with `exists: false`",
    page: STRINGS,
    policy: { customer_interests: [{ "anything-but": ["rugby"] }, { exists: false }] },
    delivered: [{ attributes: { customer_interests: "tennis" } }, { attributes: { store: "fans" } }],
    kept: interests("rugby"),
  },
  "anything-but-prefix": {
    title: "`anything-but` with a prefix matches every string without that prefix",
    page: STRINGS,
    policy: { event: [{ "anything-but": { prefix: "order-" } }] },
    delivered: [{ attributes: { event: "data-entry" } }, { attributes: { event: "reorder-1" } }],
    kept: [{ attributes: { event: "order-1" } }, { attributes: { store: "fans" } }],
  },
  prefix: {
    title: "`prefix` matches a string with that prefix",
    page: STRINGS,
    policy: { customer_interests: [{ prefix: "bas" }] },
    delivered: interests("baseball", "basketball"),
    kept: interests("rugby", "a baseball"),
  },
  suffix: {
    title: "`suffix` matches a string with that suffix",
    page: STRINGS,
    policy: { customer_interests: [{ suffix: "ball" }] },
    delivered: interests("baseball", "basketball"),
    kept: interests("rugby", "balls"),
  },
  "ignore-case": {
    title: "`equals-ignore-case` compares case-insensitively",
    page: STRINGS,
    policy: { customer_interests: [{ "equals-ignore-case": "tennis" }] },
    delivered: interests("tennis", "TENNIS", "Tennis"),
    kept: interests("table tennis", "rugby"),
  },
  cidr: {
    title: "`cidr` matches an IP address in a subnet",
    page: STRINGS,
    policy: { source_ip: [{ cidr: "10.0.0.0/24" }] },
    delivered: [{ attributes: { source_ip: "10.0.0.0" } }, { attributes: { source_ip: "10.0.0.255" } }],
    kept: [{ attributes: { source_ip: "10.1.1.0" } }],
  },
  "numeric-equal": {
    title: "`numeric` with `=` matches an equal number, however it is written",
    page: NUMBERS,
    policy: { price_usd: [{ numeric: ["=", 301.5] }] },
    delivered: prices(301.5, 3.015e2),
    kept: prices(301, 301.51),
  },
  "numeric-below": {
    title: "`numeric` with `<` matches a lower number",
    page: NUMBERS,
    policy: { price_usd: [{ numeric: ["<", 0] }] },
    delivered: prices(-1, -0.5),
    kept: prices(0, 1),
  },
  "numeric-range": {
    title: "`numeric` with two comparisons matches a range, including or excluding its bounds",
    page: NUMBERS,
    policy: { price_usd: [{ numeric: [">", 0, "<=", 150] }] },
    delivered: prices(0.01, 150),
    kept: prices(0, 150.01, -3),
  },
  "numeric-anything-but": {
    title: "`anything-but` matches every other number",
    page: NUMBERS,
    policy: { price_usd: [{ "anything-but": [100, 500] }] },
    delivered: prices(101, 100.1),
    kept: prices(100, 500),
  },
  exists: {
    title: "`exists: true` matches a message that has the attribute",
    page: KEYS,
    policy: { store: [{ exists: true }] },
    delivered: [{ attributes: { store: "fans", customer_interests: ["baseball", "basketball"] } }],
    kept: [...interests(["baseball", "basketball"]), { attributes: {} }],
  },
  "not-exists": {
    title: "`exists: false` matches a message that lacks the attribute and has another",
    page: KEYS,
    policy: { store: [{ exists: false }] },
    delivered: interests(["baseball", "basketball"]),
    kept: [{ attributes: { store: "fans", customer_interests: "rugby" } }],
  },
  "not-exists-empty": {
    title: "`exists: false` does not match a message without any attribute",
    page: KEYS,
    policy: { store: [{ exists: false }] },
    delivered: interests("rugby"),
    kept: [{ attributes: {} }],
  },
} satisfies Record<string, Omit<FilterRow, "scope">>;

const ofBodies = {
  "body-exact": {
    title: "With the scope MessageBody, a string matches a property of the body",
    page: STRINGS,
    policy: { customer_interests: ["rugby", "tennis"] },
    delivered: bodies({ customer_interests: "rugby" }, { customer_interests: "tennis", store: "fans" }),
    kept: bodies({ customer_interests: "baseball" }, { store: "fans" }, {}),
  },
  "body-only": {
    title: "With the scope MessageBody, attributes are ignored",
    page: SCOPE,
    policy: { customer_interests: ["rugby"] },
    delivered: bodies({ customer_interests: "rugby" }),
    kept: [{ attributes: { customer_interests: "rugby" } }],
  },
  "body-no-json": {
    title: "With the scope MessageBody, a body that is not a JSON object matches nothing",
    page: CONSTRAINTS,
    policy: { customer_interests: [{ exists: false }] },
    delivered: bodies({ store: "fans" }),
    kept: bodies("plain text", '"rugby"'),
  },
  "body-array": {
    title: "One element of an array in the body is enough",
    page: STRINGS,
    policy: { customer_interests: ["rugby"] },
    delivered: bodies({ customer_interests: ["baseball", "rugby"] }),
    kept: bodies({ customer_interests: ["baseball"] }, { customer_interests: [] }),
  },
  "body-nested": {
    title: "A policy on the body can be nested like the body",
    page: CONSTRAINTS,
    policy: { order: { customer: { tier: ["gold"] }, total: [{ numeric: [">=", 100] }] } },
    delivered: bodies({ order: { customer: { tier: "gold" }, total: 100, note: null } }),
    kept: bodies(
      { order: { customer: { tier: "silver" }, total: 100 } },
      { order: { total: 100 } },
      { tier: "gold", total: 100 },
    ),
  },
  "body-keywords": {
    title: "A policy on the body can use true and false",
    page: CONSTRAINTS,
    policy: { paid: [true], sent: [false] },
    delivered: bodies({ paid: true, sent: false }),
    kept: bodies({ paid: false, sent: false }, { paid: "true", sent: false }, { paid: true, sent: true }, { paid: true }),
  },
  "body-anything-but": {
    title: "`anything-but` on the body matches every other string, but not a missing property",
    page: STRINGS,
    policy: { customer_interests: [{ "anything-but": ["rugby", "tennis"] }] },
    delivered: bodies({ customer_interests: "baseball" }),
    kept: bodies({ customer_interests: "rugby" }, { store: "fans" }),
  },
  "body-prefix-suffix": {
    title: "`prefix`, `suffix` and `equals-ignore-case` apply to the body too",
    page: STRINGS,
    policy: { sport: [{ prefix: "bas" }], event: [{ suffix: ".v1" }], store: [{ "equals-ignore-case": "fans" }] },
    delivered: bodies({ sport: "baseball", event: "placed.v1", store: "FANS" }),
    kept: bodies(
      { sport: "rugby", event: "placed.v1", store: "FANS" },
      { sport: "baseball", event: "placed.v2", store: "FANS" },
    ),
  },
  "body-numeric": {
    title: "`numeric` matches numbers in the body",
    page: NUMBERS,
    policy: { price_usd: [{ numeric: [">", 0, "<=", 150] }] },
    delivered: bodies({ price_usd: 150 }),
    kept: bodies({ price_usd: 0 }, { price_usd: 150.01 }),
  },
  "body-exists": {
    title: "`exists: true` on the body matches a body with the property",
    page: KEYS,
    policy: { store: [{ exists: true }] },
    delivered: bodies({ store: "fans" }),
    kept: bodies({ customer_interests: ["baseball"] }),
  },
  "body-not-exists": {
    title: "`exists: false` on the body matches a body without the property",
    page: KEYS,
    policy: { store: [{ exists: false }] },
    delivered: bodies({ customer_interests: ["baseball"] }),
    kept: bodies({ store: "fans" }),
  },
  "body-or": {
    title: "`$or` can be used inside a nested policy",
    page: LOGIC,
    policy: { order: { $or: [{ total: [{ numeric: [">", 100] }] }, { express: [true] }] } },
    delivered: bodies({ order: { total: 101 } }, { order: { total: 1, express: true } }),
    kept: bodies({ order: { total: 100, express: false } }, { total: 101 }),
  },
} satisfies Record<string, Omit<FilterRow, "scope">>;

/** The rows by their ids, which are parts of resource names. */
export const FILTERS: ReadonlyMap<string, FilterRow> = new Map<string, FilterRow>([
  ...Object.entries(ofAttributes).map(([id, row]) => [id, { ...row, scope: "MessageAttributes" }] as const),
  ...Object.entries(ofBodies).map(([id, row]) => [id, { ...row, scope: "MessageBody" }] as const),
]);
