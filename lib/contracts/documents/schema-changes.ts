import { isDeepStrictEqual } from "node:util";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { EVENT, RULES } from "./contract-keywords.ts";
import {
  compareDefault,
  compareRules,
  compareSets,
  compareValue,
  type SchemaChange,
  typesOf,
  valuesOf,
} from "./keyword-changes.ts";

/**
 * Compares two schemas of one event's data field by field, and names each change that is not compatible in both directions.
 * Adding an optional field is compatible, and so is changing a description or an example.
 */
export function schemaChanges(published: JsonObject, current: JsonObject, path = "data"): SchemaChange[] {
  const [before, after] = [listed(published), listed(current)];
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)].filter((keyword) => !ANNOTATIONS.has(keyword)));
  // `const` is an `enum` of one; the fields' walk covers `required`.
  if (keywords.delete("const")) keywords.add("enum");
  if (keywords.delete("required")) keywords.add("properties");
  return [...keywords].flatMap((keyword) => compareKeyword(keyword, before, after, path));
}

/** A schema whose alternatives are single values, as a union of literals has them, with their list instead: it says the same. */
function listed(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  if (!isJsonArray(anyOf) || "enum" in rest || "const" in rest) return schema;
  const values = anyOf.flatMap((one) => (isJsonObject(one) && isList(one) ? [valuesIn(one)] : []));
  return values.length === anyOf.length ? { ...rest, enum: values.flat() } : schema;
}

/** Whether a schema does nothing but list values. */
function isList(schema: JsonObject): boolean {
  const keywords = Object.keys(schema).filter((keyword) => keyword !== "type" && !ANNOTATIONS.has(keyword));
  return keywords.length === 1 && (keywords[0] === "const" || (keywords[0] === "enum" && isJsonArray(schema["enum"])));
}

function valuesIn({ const: value, enum: values }: JsonObject): readonly JsonValue[] {
  return isJsonArray(values) ? values : [value ?? null];
}

/** Keywords that do not affect which values are valid. */
const ANNOTATIONS = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "examples",
  EVENT,
  "deprecated",
  "readOnly",
  "writeOnly",
]);

function compareKeyword(keyword: string, before: JsonObject, after: JsonObject, path: string): SchemaChange[] {
  switch (keyword) {
    case "properties":
      return compareFields(before, after, path);
    case "type":
      return compareSets("type", typesOf(before), typesOf(after), path);
    case "enum":
      return compareSets("enum", valuesOf(before), valuesOf(after), path);
    case "default":
      return compareDefault(before[keyword], after[keyword], path);
    case RULES:
      return compareRules(before[keyword], after[keyword], path);
    case "$defs":
      return compareDefinitions(before, after, path);
    case "prefixItems":
    case "anyOf":
    case "oneOf":
    case "allOf":
      return compareAlternatives(keyword, before[keyword], after[keyword], path);
    case "additionalProperties":
      // Consumers of today ignore fields that they do not know, and so does JSON Schema where it does not say so.
      if (before[keyword] === undefined && after[keyword] === true) return [];
      return compareNested(keyword, before[keyword], after[keyword], `${path}.*`);
    case "items":
      return compareNested(keyword, before[keyword], after[keyword], `${path}[]`);
    default:
      return compareValue(keyword, before[keyword], after[keyword], path);
  }
}

function compareFields(before: JsonObject, after: JsonObject, path: string): SchemaChange[] {
  const [old, current] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...old.keys(), ...current.keys()])].flatMap((name): SchemaChange[] => {
    const [was, is] = [old.get(name), current.get(name)];
    const field = `${path}.${name}`;
    if (was && !is) return [{ path: field, change: "removed", effect: "earlier consumers miss" }];
    if (!was && is?.required) return [{ path: field, change: "added as a required field", effect: "refuses earlier events" }];
    if (!was || !is) return addedToDescribedRest(before, field);
    return [...compareRequired(was.required, is.required, field), ...schemaChanges(was.schema, is.schema, field)];
  });
}

/** If the old schema restricts or forbids unnamed fields, a newly named field falls under that restriction. */
function addedToDescribedRest(before: JsonObject, field: string): SchemaChange[] {
  const rest = before["additionalProperties"];
  if (rest === undefined) return [];
  return rest === false
    ? [{ path: field, change: "added to an object that allows no other fields", effect: "earlier consumers refuse" }]
    : [{ path: field, change: "added where any field of that name was allowed", effect: "refuses earlier events" }];
}

function compareRequired(was: boolean, is: boolean, path: string): SchemaChange[] {
  if (was === is) return [];
  return is
    ? [{ path, change: "made required", effect: "refuses earlier events" }]
    : [{ path, change: "made optional", effect: "earlier consumers refuse" }];
}

function compareDefinitions(before: JsonObject, after: JsonObject, path: string): SchemaChange[] {
  const [old, current] = [objectAt(before, "$defs"), objectAt(after, "$defs")];
  return [...new Set([...Object.keys(old), ...Object.keys(current)])].flatMap((name) =>
    compareNested(`definition ${name}`, old[name], current[name], `${path} (definition ${name})`),
  );
}

function compareAlternatives(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
): SchemaChange[] {
  if (!isJsonArray(before) || !isJsonArray(after) || before.length !== after.length) {
    return compareValue(keyword, before, after, path);
  }
  const current = keyword === "prefixItems" ? after : inOrderOf(before, after);
  return before.flatMap((schema, index) => compareNested(keyword, schema, current[index], `${path} (${keyword} ${index + 1})`));
}

/** Alternatives in the order of earlier ones that accept the same; those that are left fill the gaps. */
function inOrderOf(before: readonly JsonValue[], after: readonly JsonValue[]): (JsonValue | undefined)[] {
  const left = [...after];
  const taken = new Map<JsonValue, JsonValue>();
  // The equal ones first: one that accepts more would otherwise be taken by the wrong one.
  for (const fits of [isDeepStrictEqual, isCompatible]) {
    for (const schema of before) {
      const index = taken.has(schema) ? -1 : left.findIndex((one) => fits(schema, one));
      if (index !== -1) taken.set(schema, left.splice(index, 1)[0]!);
    }
  }
  return before.map((schema) => taken.get(schema) ?? left.shift());
}

function isCompatible(before: JsonValue, after: JsonValue): boolean {
  return compareNested("", before, after, "").length === 0;
}

function compareNested(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
): SchemaChange[] {
  return isJsonObject(before) && isJsonObject(after)
    ? schemaChanges(before, after, path)
    : compareValue(keyword, before, after, path);
}

function fieldsOf(schema: JsonObject): Map<string, { schema: JsonObject; required: boolean }> {
  const required = schema["required"];
  const names = new Set(isJsonArray(required) ? required : []);
  return new Map(
    Object.entries(objectAt(schema, "properties")).map(([name, field]) => [
      name,
      { schema: isJsonObject(field) ? field : {}, required: names.has(name) },
    ]),
  );
}

function objectAt(schema: JsonObject, keyword: string): JsonObject {
  const value = schema[keyword];
  return isJsonObject(value) ? value : {};
}
