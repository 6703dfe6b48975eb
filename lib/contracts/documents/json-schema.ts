import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type ConversionConfig, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { schemaUri } from "../envelope.ts";
import type { AnyEventDefinition } from "../event.ts";
import { EVENT, RULES, termsOf } from "./contract-keywords.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";

/** Rules in code, which JSON Schema cannot express: their message goes into `$comment` for the reader. */
const RULES_IN_CODE = new Set(["check", "partial_check", "check_items", "every_item", "some_item"]);

/** Actions with a pattern or a function as argument that JSON Schema expresses exactly. */
const EXPRESSED = new Set(["regex", "integer", "safe_integer"]);

/**
 * The published contract of an event: the JSON Schema (2020-12) of its data, with its name, description and example.
 * Fields that the schema does not name are allowed in it, as consumers ignore them; `v.strictObject` forbids them.
 *
 * @throws Error when the event's schema is not valibot's, or contains something that JSON Schema cannot express.
 */
export function contractSchema(event: AnyEventDefinition): JsonObject {
  const { $schema, ...schema } = convert(event, { target: "draft-2020-12" });
  return {
    ...($schema !== undefined && { $schema }),
    $id: schemaUri(event.type),
    title: event.type,
    description: event.description,
    ...schema,
    examples: [asJson(event.example, event.type)],
    [EVENT]: termsOf(event, event.example),
  };
}

/**
 * The schema of an event's data as part of another document, in the draft (7) that AsyncAPI uses.
 *
 * @param pointer where the document holds this schema: `#/components/schemas/order.placed.v1`
 * @throws Error as {@link contractSchema} does.
 */
export function embeddedSchema(event: AnyEventDefinition, pointer: string): JsonObject {
  const { $schema: _, ...schema } = convert(event, {
    target: "draft-07",
    overrideRef: ({ referenceId }) => `${pointer}/$defs/${referenceId}`,
  });
  return schema;
}

/** An event's data, or its example, as JSON carries it. */
export function asJson(value: unknown, what: string): JsonObject {
  return parseJsonObject(JSON.stringify(value), what);
}

function convert(event: AnyEventDefinition, config: ConversionConfig): JsonObject {
  const schema: StandardSchemaV1 = event.schema;
  if (!isValibot(schema)) {
    throw new Error(
      `${event.type}: its schema is by "${schema["~standard"].vendor}"; the contract is generated from valibot's`,
    );
  }
  try {
    return asJson(toJsonSchema(schema, { ...config, errorMode: "throw", overrideAction, overrideSchema }), event.type);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${event.type}: its schema has no JSON Schema: ${reason} Events carry plain JSON: a date is a text.`, {
      cause: error,
    });
  }
}

const overrideAction: NonNullable<ConversionConfig["overrideAction"]> = ({ valibotAction, jsonSchema }) => {
  if (RULES_IN_CODE.has(valibotAction.type)) {
    // Without a message there is nothing to show the reader: the conversion fails, as for every unknown action.
    if (!("message" in valibotAction) || typeof valibotAction.message !== "string") return undefined;
    const rule = `Also refused: ${valibotAction.message}.`;
    return {
      ...withRule(jsonSchema, `${valibotAction.type}: ${valibotAction.message}`),
      $comment: jsonSchema.$comment ? `${jsonSchema.$comment} ${rule}` : rule,
    };
  }
  const requirement: unknown = "requirement" in valibotAction ? valibotAction.requirement : undefined;
  const isPattern = requirement instanceof RegExp || typeof requirement === "function";
  return isPattern && !EXPRESSED.has(valibotAction.type) ? withRule(jsonSchema, valibotAction.type) : undefined;
};

/** A schema that demands one thing more. */
function withRule<Schema extends object>(schema: Schema, rule: string): Schema {
  const known: unknown = Reflect.get(schema, RULES);
  const rules = Array.isArray(known) ? known.map(String) : [];
  // Two rules may have one message: that there is a second one counts.
  const alike = rules.filter((one) => one === rule || one.startsWith(`${rule} (`)).length;
  return { ...schema, [RULES]: [...rules, alike === 0 ? rule : `${rule} (${alike + 1})`] };
}

const overrideSchema: NonNullable<ConversionConfig["overrideSchema"]> = ({ valibotSchema, jsonSchema }) => {
  if ("fallback" in valibotSchema) throw new Error("a fallback takes any value, and hides a wrong one.");
  // Publishing keeps the unnamed fields of a loose object and drops those of a plain one: the contract says so.
  return valibotSchema.type === "loose_object" ? { ...jsonSchema, additionalProperties: true } : undefined;
};

function isValibot(schema: StandardSchemaV1): schema is StandardSchemaV1 & GenericSchema {
  return schema["~standard"].vendor === "valibot";
}
