import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { type AnyEventDefinition, defineEvent, defineTopic } from "#lib/contracts/index.ts";
import { breakingChanges, breaksOf, describeBreak } from "#lib/contracts/documents/compatibility.ts";
import { contractSchema } from "#lib/contracts/documents/json-schema.ts";

const topic = defineTopic({ name: "parcels", description: "Parcels." });

const sent = (schema: v.GenericSchema, rest: Partial<AnyEventDefinition> = {}) =>
  defineEvent({ type: "parcel.sent.v1", topic, description: "Sent.", schema, subject: () => "1", example: {}, ...rest });

/** The breaks of an event with the contract of another, as the lines that a person reads. */
function breaksBetween(before: AnyEventDefinition, after: AnyEventDefinition): string[] {
  return breaksOf(after, contractSchema(before)).map(describeBreak);
}

/** The breaks between two schemas of one event. */
function breaks(before: v.GenericSchema, after: v.GenericSchema): string[] {
  return breaksBetween(sent(before), sent(after));
}

const id = v.string();
const whole = v.pipe(v.number(), v.integer());

describe("a breaking change names the event, the field and what has changed", () => {
  it.each<[what: string, before: v.GenericSchema, after: v.GenericSchema, line: RegExp]>([
    ["a required field removed", v.object({ id, to: id }), v.object({ id }), /data\.to: removed/],
    ["an optional field removed", v.object({ id, to: v.optional(id) }), v.object({ id }), /data\.to: removed/],
    ["a required field added", v.object({ id }), v.object({ id, to: id }), /data\.to: added as a required field/],
    ["a field made required", v.object({ to: v.optional(id) }), v.object({ to: id }), /data\.to: made required/],
    ["a field made optional", v.object({ to: id }), v.object({ to: v.optional(id) }), /data\.to: made optional/],
    ["another type", v.object({ id }), v.object({ id: v.number() }), /data\.id: type narrowed from string to number/],
    ["a narrowed type", v.object({ n: v.number() }), v.object({ n: whole }), /data\.n: type narrowed from number to integer/],
    ["a widened type", v.object({ n: whole }), v.object({ n: v.number() }), /data\.n: type widened from integer to number/],
    ["a null no longer allowed", v.object({ to: v.nullable(id) }), v.object({ to: id }), /data\.to: anyOf removed/],
    [
      "a value taken from an enum",
      v.object({ by: v.picklist(["air", "sea"]) }),
      v.object({ by: v.picklist(["air"]) }),
      /data\.by: enum narrowed from "air" \| "sea" to "air"/,
    ],
    [
      "a value added to an enum, which deployed consumers refuse",
      v.object({ by: v.picklist(["air"]) }),
      v.object({ by: v.picklist(["air", "sea"]) }),
      /data\.by: enum widened .*consumers deployed today may refuse the new events/,
    ],
    ["another literal", v.object({ by: v.literal("air") }), v.object({ by: v.literal("sea") }), /data\.by: enum narrowed/],
    ["any text to a list", v.object({ by: id }), v.object({ by: v.picklist(["air"]) }), /data\.by: enum narrowed to "air"/],
    [
      "a greater minimum",
      v.object({ n: v.pipe(v.number(), v.minValue(1)) }),
      v.object({ n: v.pipe(v.number(), v.minValue(2)) }),
      /data\.n: minimum raised from 1 to 2; events already in queues/,
    ],
    [
      "a smaller maximum",
      v.object({ n: v.pipe(v.number(), v.maxValue(9)) }),
      v.object({ n: v.pipe(v.number(), v.maxValue(8)) }),
      /data\.n: maximum lowered from 9 to 8; events already in queues/,
    ],
    [
      "a greater maximum",
      v.object({ n: v.pipe(v.number(), v.maxValue(9)) }),
      v.object({ n: v.pipe(v.number(), v.maxValue(10)) }),
      /data\.n: maximum raised from 9 to 10; consumers deployed today/,
    ],
    ["a shorter text", v.object({ id }), v.object({ id: v.pipe(id, v.maxLength(5)) }), /data\.id: maxLength added: 5/],
    ["a bound dropped", v.object({ id: v.pipe(id, v.maxLength(5)) }), v.object({ id }), /data\.id: maxLength removed: 5/],
    [
      "another pattern",
      v.object({ id: v.pipe(id, v.regex(/^[a-z]+$/)) }),
      v.object({ id: v.pipe(id, v.regex(/^[a-y]+$/)) }),
      /data\.id: pattern changed from "\^\[a-z\]\+\$" to "\^\[a-y\]\+\$"/,
    ],
    [
      "a format, which jsoncompat passes over",
      v.object({ id }),
      v.object({ id: v.pipe(id, v.email()) }),
      /data\.id: format added: "email"/,
    ],
    [
      "fewer entries",
      v.object({ all: v.array(id) }),
      v.object({ all: v.pipe(v.array(id), v.maxLength(3)) }),
      /data\.all: maxItems added: 3/,
    ],
    [
      "a field inside an array's entries",
      v.object({ all: v.array(v.object({ id, to: id })) }),
      v.object({ all: v.array(v.object({ id })) }),
      /data\.all\[\]\.to: removed/,
    ],
    [
      "a field inside an object",
      v.object({ from: v.object({ town: v.optional(id) }) }),
      v.object({ from: v.object({ town: id }) }),
      /data\.from\.town: made required/,
    ],
    [
      "a field inside an alternative",
      v.object({ by: v.union([v.object({ ship: id }), v.object({ plane: id })]) }),
      v.object({ by: v.union([v.object({ ship: id }), v.object({ plane: whole })]) }),
      /data\.by \(anyOf 2\)\.plane: type narrowed/,
    ],
    ["the value of a record", v.record(id, whole), v.record(id, id), /data\.\*: type narrowed from integer to string/],
    ["fewer places in a tuple", v.tuple([id, whole]), v.tuple([id]), /data: (minItems|prefixItems) /],
    [
      "an object that takes no other fields any more",
      v.object({ id }),
      v.strictObject({ id }),
      /data\.\*: additionalProperties added/,
    ],
    [
      "a field added to an object that takes no other fields",
      v.strictObject({ id }),
      v.strictObject({ id, to: v.optional(id) }),
      /data\.to: added to an object that allows no other fields; consumers deployed today/,
    ],
    [
      "a field added where publishers passed any field on",
      v.looseObject({ id }),
      v.looseObject({ id, to: v.optional(id) }),
      /data\.to: added where any field of that name was allowed/,
    ],
    [
      "a format of another language, one in JSON Schema",
      v.object({ at: v.pipe(id, v.isoDateTime()) }),
      v.object({ at: v.pipe(id, v.isoTimestamp()) }),
      /data\.at: rule added: iso_timestamp; events already in queues/,
    ],
    [
      "the same the other way round",
      v.object({ to: v.pipe(id, v.email()) }),
      v.object({ to: v.pipe(id, v.rfcEmail()) }),
      /data\.to: rule removed: email; consumers deployed today may refuse/,
    ],
    [
      "a second format in one pipe, of which JSON Schema keeps the last",
      v.object({ at: v.pipe(id, v.url()) }),
      v.object({ at: v.pipe(id, v.email(), v.url()) }),
      /data\.at: rule added: email/,
    ],
    [
      "a rule in code",
      v.object({ id }),
      v.object({
        id: v.pipe(
          id,
          v.check((text) => text.length > 5, "over 5 characters"),
        ),
      }),
      /data\.id: rule added: check: over 5 characters/,
    ],
    [
      "another rule in code",
      v.object({
        id: v.pipe(
          id,
          v.check((text) => text.length > 5, "over 5 characters"),
        ),
      }),
      v.object({
        id: v.pipe(
          id,
          v.check((text) => text.length > 4, "over 4 characters"),
        ),
      }),
      /data\.id: rule added: check: over 4 characters.*\n.*data\.id: rule removed: check: over 5 characters/,
    ],
    [
      "another rule for the entries of a list",
      v.object({ all: v.pipe(v.array(id), v.everyItem(Boolean, "no empty ones")) }),
      v.object({ all: v.pipe(v.array(id), v.everyItem(Boolean, "no blank ones")) }),
      /data\.all: rule added: every_item: no blank ones/,
    ],
    [
      "a second rule in code with the words of the first",
      v.object({
        id: v.pipe(
          id,
          v.check((text) => text.length > 5, "a number"),
        ),
      }),
      v.object({
        id: v.pipe(
          id,
          v.check((text) => text.length > 5, "a number"),
          v.check((text) => text.startsWith("P"), "a number"),
        ),
      }),
      /data\.id: rule added: check: a number \(2\)/,
    ],
    [
      "a value added to alternatives of literals",
      v.object({ by: v.union([v.literal("air"), v.literal("sea")]) }),
      v.object({ by: v.union([v.literal("air"), v.literal("sea"), v.literal("road")]) }),
      /data\.by: enum widened from "air" \| "sea" to "air" \| "sea" \| "road"/,
    ],
    [
      "an object that no longer passes on fields that it does not name",
      v.looseObject({ id }),
      v.object({ id }),
      /data\.\*: additionalProperties removed: true/,
    ],
    [
      "another default",
      v.object({ by: v.optional(id, "air") }),
      v.object({ by: v.optional(id, "sea") }),
      /data\.by: default changed from "air" to "sea"; events without the field mean something else/,
    ],
    ["a default dropped", v.object({ by: v.optional(id, "air") }), v.object({ by: v.optional(id) }), /default removed: "air"/],
    [
      "an alternative that changes where the others change places",
      v.object({ by: v.union([id, whole, v.boolean()]) }),
      v.object({ by: v.union([v.boolean(), v.literal("none"), id]) }),
      /data\.by \(anyOf 2\): type narrowed from integer to string/,
    ],
  ])("%s", (_, before, after, line) => {
    const lines = breaks(before, after);

    expect(lines.join("\n")).toMatch(line);
    for (const one of lines) {
      expect(one).toMatch(/^parcel\.sent\.v1: data/);
      expect(one).toMatch(/Leave parcel\.sent\.v1 as it is and publish parcel\.sent\.v2 beside it$/);
    }
  });
});

describe("a change that harms neither side passes", () => {
  it.each<[what: string, before: v.GenericSchema, after: v.GenericSchema]>([
    ["nothing", v.object({ id, n: whole }), v.object({ id, n: whole })],
    ["an optional field added", v.object({ id }), v.object({ id, to: v.optional(id) })],
    [
      "an optional field added inside an array's entries",
      v.object({ all: v.array(v.object({ id })) }),
      v.object({ all: v.array(v.object({ id, note: v.optional(v.pipe(id, v.maxLength(9))) })) }),
    ],
    ["fields in another order", v.object({ id, n: whole }), v.object({ n: whole, id })],
    ["an enum in another order", v.object({ by: v.picklist(["a", "b"]) }), v.object({ by: v.picklist(["b", "a"]) })],
    ["a description", v.object({ id }), v.object({ id: v.pipe(id, v.description("The parcel's number.")) })],
    ["a list of one written as a literal", v.object({ by: v.picklist(["a"]) }), v.object({ by: v.literal("a") })],
    ["a literal written as a list of one", v.object({ n: v.literal(1) }), v.object({ n: v.picklist([1]) })],
    [
      "a list written as alternatives of literals",
      v.object({ by: v.picklist(["air", "sea"]) }),
      v.object({ by: v.union([v.literal("sea"), v.literal("air")]) }),
    ],
    [
      "alternatives of lists and literals written as a list",
      v.object({ by: v.union([v.picklist(["air", 1]), v.literal("sea")]) }),
      v.object({ by: v.picklist(["sea", "air", 1]) }),
    ],
    ["an object that passes on fields that it does not name", v.object({ id }), v.looseObject({ id })],
    ["alternatives in another order", v.object({ by: v.union([id, whole]) }), v.object({ by: v.union([whole, id]) })],
    [
      "alternatives of objects in another order",
      v.variant("t", [v.object({ t: v.literal("a"), id }), v.object({ t: v.literal("b") })]),
      v.variant("t", [v.object({ t: v.literal("b") }), v.object({ t: v.literal("a"), id })]),
    ],
    [
      "alternatives in another order, of which one takes the other's values too",
      v.union([v.object({ id }), v.object({ id, to: v.optional(id) })]),
      v.union([v.object({ id, to: v.optional(id) }), v.object({ id })]),
    ],
    ["a default where there was none", v.object({ by: v.optional(id) }), v.object({ by: v.optional(id, "air") })],
    ["a list of one for a literal", v.object({ by: v.pipe(id, v.value("air")) }), v.object({ by: v.picklist(["air"]) })],
  ])("%s", (_, before, after) => {
    expect(breaks(before, after)).toEqual([]);
  });
});

describe("what consumers rely on besides the data breaks as well", () => {
  const data = v.object({ id, to: v.optional(id) });
  const example = { id: "7", to: "me" };
  const event = sent(data, { example, subject: (parcel: { id: string }) => parcel.id });

  it.each<[what: string, change: Partial<AnyEventDefinition>, line: string]>([
    [
      "another topic",
      { topic: defineTopic({ name: "letters", description: "Letters." }) },
      'parcel.sent.v1: topic: changed from "parcels" to "letters"; consumers deployed today subscribe to the earlier topic.',
    ],
    ["a topic that becomes FIFO", { topic: { ...topic, fifo: true } }, "parcel.sent.v1: fifo: changed from false to true;"],
    ["large events", { topic: { ...topic, largeEvents: true } }, "parcel.sent.v1: largeEvents: changed from false to true;"],
    [
      "another subject, even with another example",
      { subject: ({ to }: { to?: string }) => to ?? "", example: { id: "7", to: "7" } },
      'parcel.sent.v1: subject: changed from "7" to "me";',
    ],
  ])("%s", (_, change, line) => {
    expect(breaksBetween(event, sent(data, { ...event, ...change }))).toEqual([expect.stringContaining(line)]);
  });

  it("and another example does not", () => {
    expect(breaksBetween(event, sent(data, { ...event, example: { id: "8" } }))).toEqual([]);
  });

  it("and nothing of it does with a contract that does not tell of it, as before it was recorded", () => {
    const { "x-event": _, ...published } = contractSchema(event);
    const moved = sent(
      v.object({
        id: v.pipe(
          id,
          v.check(() => true, "a rule"),
        ),
        to: v.optional(id),
      }),
      {
        ...event,
        topic: { ...topic, fifo: true },
        schema: v.object({
          id: v.pipe(
            id,
            v.check(() => true, "a rule"),
          ),
          to: v.optional(id),
        }),
      },
    );
    expect(breaksOf(moved, published)).toEqual([]);
  });
});

it("a verdict of jsoncompat that no field explains is a break all the same", () => {
  const before = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", default: {} };
  const after = { ...before, $schema: "https://json-schema.org/draft/2019-09/schema" };

  const lines = breakingChanges("parcel.sent.v1", before, after).map(describeBreak);

  expect(lines).toEqual([expect.stringMatching(/^parcel\.sent\.v1: data: jsoncompat .*; no single field explains it\./)]);
});
