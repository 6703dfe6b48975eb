import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import * as events from "#events";
import { type AnyEventDefinition, createEnvelope } from "#lib/contracts/index.ts";
import { EVENT, RULES } from "#lib/contracts/documents/contract-keywords.ts";
import { envelopeSchema } from "#lib/contracts/documents/envelope-schema.ts";
import { isJsonArray, type JsonObject } from "#lib/contracts/documents/json.ts";
import { asJson, contractSchema } from "#lib/contracts/documents/json-schema.ts";

const all: readonly AnyEventDefinition[] = Object.values(events);

/** What JSON Schema says of a value, in other people's words. A schema is compiled once. */
function accepts(schema: object, value: unknown): boolean {
  const validate = compiled.get(schema) ?? newAjv().compile(schema);
  compiled.set(schema, validate);
  return validate(value);
}

const compiled = new Map<object, ValidateFunction>();

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true });
  formats.default(ajv);
  // What the contract says to readers and to the check of compatibility.
  ajv.addVocabulary([EVENT, RULES]);
  return ajv;
}

function isRequired({ required }: JsonObject, field: string): boolean {
  return isJsonArray(required) && required.includes(field);
}

describe.each(all)("$type", (event) => {
  const contract = contractSchema(event);
  const valid = (data: unknown) => !("issues" in event.schema["~standard"].validate(data));

  it("has an example that its schema and its published JSON Schema accept", () => {
    expect(valid(event.example)).toBe(true);
    expect(accepts(contract, event.example)).toBe(true);
  });

  it("is refused by both when a required field is missing", () => {
    const example = asJson(event.example, event.type);
    for (const field of Object.keys(example).filter((name) => isRequired(contract, name))) {
      const { [field]: _, ...rest } = example;
      expect(valid(rest), field).toBe(false);
      expect(accepts(contract, rest), field).toBe(false);
    }
  });

  it("is accepted by both with a field of a later publisher", () => {
    const later = { ...asJson(event.example, event.type), added: true };
    expect(valid(later)).toBe(true);
    expect(accepts(contract, later)).toBe(true);
  });

  it("has a subject, and is wrapped in an envelope that the published envelope's schema accepts", () => {
    const envelope = createEnvelope(event, event.example, { source: "shop" });
    expect(envelope.subject).not.toBe("");
    expect(accepts(envelopeSchema, envelope)).toBe(true);
  });
});
