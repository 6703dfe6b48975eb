import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { defineEvent, defineTopic } from "#lib/contracts/index.ts";
import { contractSchema, embeddedSchema } from "#lib/contracts/documents/json-schema.ts";

const topic = defineTopic({ name: "parcels", description: "Parcels." });
const eventOf = <Schema extends v.GenericSchema>(schema: Schema, example: v.InferOutput<Schema>) =>
  defineEvent({ type: "parcel.sent.v1", topic, description: "Sent.", schema, subject: () => "1", example });

describe("the contract of an event", () => {
  it("carries name, description and example, and leaves room for fields to come", () => {
    const contract = contractSchema(eventOf(v.object({ id: v.string() }), { id: "7" }));

    expect(contract).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "urn:fanfare:event:parcel.sent.v1",
      title: "parcel.sent.v1",
      description: "Sent.",
      type: "object",
      properties: { id: { type: "string" } },
      required: ["id"],
      examples: [{ id: "7" }],
      "x-event": { topic: "parcels", fifo: false, largeEvents: false, subject: "1" },
    });
  });

  it("names the formats that JSON Schema has one word for, or keeps one of", () => {
    const at = v.pipe(v.string(), v.url(), v.isoTimestamp(), v.maxLength(40));

    expect(contractSchema(eventOf<v.GenericSchema>(v.object({ at }), {}))).toMatchObject({
      properties: { at: { format: "date-time", maxLength: 40, "x-rules": ["url", "iso_timestamp"] } },
    });
  });

  it("tells of a rule that is checked in code", () => {
    const schema = v.pipe(
      v.object({ from: v.string(), to: v.string() }),
      v.check(({ from, to }) => from !== to, "from and to are the same"),
    );

    expect(contractSchema(eventOf(schema, { from: "a", to: "b" }))).toMatchObject({
      $comment: "Also refused: from and to are the same.",
      "x-rules": ["check: from and to are the same"],
    });
  });

  it.each([
    [
      "a rule in code without a message",
      v.pipe(
        v.object({}),
        v.check(() => true),
      ),
    ],
    ["a fallback", v.object({ id: v.fallback(v.string(), "none") })],
    ["a date", v.object({ at: v.date() })],
    ["a transformation", v.object({ id: v.pipe(v.string(), v.trim()) })],
    ["a pattern with flags", v.object({ id: v.pipe(v.string(), v.regex(/a/i)) })],
  ])("refuses %s, which JSON Schema cannot tell", (_, schema) => {
    expect(() => contractSchema(eventOf<v.GenericSchema>(schema, {}))).toThrow(
      /^parcel\.sent\.v1: its schema has no JSON Schema: /,
    );
  });

  it("refuses another library's schema by name", () => {
    const schema = { "~standard": { version: 1, vendor: "other", validate: (value: unknown) => ({ value }) } } as const;
    const event = defineEvent({ type: "parcel.sent.v1", topic, description: "Sent.", schema, subject: () => "1", example: {} });

    expect(() => contractSchema(event)).toThrow('parcel.sent.v1: its schema is by "other"');
  });
});

it("a recursive schema inside another document points to where it lies there", () => {
  interface Box {
    readonly inside?: Box | undefined;
  }
  const box: v.GenericSchema<Box> = v.object({ inside: v.optional(v.lazy(() => box)) });

  const schema = embeddedSchema(eventOf(box, {}), "#/components/schemas/parcel.sent.v1");

  expect(JSON.stringify(schema)).toContain('{"$ref":"#/components/schemas/parcel.sent.v1/$defs/0"}');
});
