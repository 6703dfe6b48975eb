import { isDeepStrictEqual } from "node:util";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/**
 * Who is affected by a change. A narrower schema refuses earlier events, which are still in queues and dead-letter queues;
 * a wider one accepts events that consumers deployed earlier refuse; a removed field is one that they miss.
 */
export type Effect = "refuses earlier events" | "earlier consumers refuse" | "earlier consumers miss";

/** One way in which a new schema breaks with the old one. */
export interface SchemaChange {
  /** The field, from `data` on: `data.lines[].sku`. */
  readonly path: string;
  /** The change, with the old and new value: `maximum lowered from 10 to 5`. */
  readonly change: string;
  readonly effect: Effect;
}

/**
 * Compares two schemas of one event's data field by field, and names each change that is not compatible in both directions.
 * Adding an optional field is compatible, and so is changing a description or an example.
 */
export function schemaChanges(before: JsonObject, after: JsonObject, path = "data"): SchemaChange[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)].filter((keyword) => !ANNOTATIONS.has(keyword)));
  // `const` is an `enum` of one; the fields' walk covers `required`.
  if (keywords.delete("const")) keywords.add("enum");
  if (keywords.delete("required")) keywords.add("properties");
  return [...keywords].flatMap((keyword) => compareKeyword(keyword, before, after, path));
}

/** Keywords that do not affect which values are valid. */
const ANNOTATIONS = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "examples",
  "default",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** Bounds, and whether a greater figure accepts fewer values. */
const BOUNDS: Readonly<Record<string, "floor" | "ceiling">> = {
  minimum: "floor",
  exclusiveMinimum: "floor",
  minLength: "floor",
  minItems: "floor",
  minProperties: "floor",
  maximum: "ceiling",
  exclusiveMaximum: "ceiling",
  maxLength: "ceiling",
  maxItems: "ceiling",
  maxProperties: "ceiling",
};

function compareKeyword(keyword: string, before: JsonObject, after: JsonObject, path: string): SchemaChange[] {
  switch (keyword) {
    case "properties":
      return compareFields(before, after, path);
    case "type":
      return compareSets("type", typesOf(before), typesOf(after), path);
    case "enum":
      return compareSets("enum", valuesOf(before), valuesOf(after), path);
    case "$defs":
      return compareDefinitions(before, after, path);
    case "prefixItems":
    case "anyOf":
    case "oneOf":
    case "allOf":
      return compareAlternatives(keyword, before[keyword], after[keyword], path);
    case "items":
    case "additionalProperties":
      return compareNested(keyword, before[keyword], after[keyword], `${path}${keyword === "items" ? "[]" : ".*"}`);
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

function compareSets(
  keyword: string,
  before: Set<string> | undefined,
  after: Set<string> | undefined,
  path: string,
): SchemaChange[] {
  if (!before && !after) return [];
  if (!before) return [{ path, change: `${keyword} narrowed to ${list(after)}`, effect: "refuses earlier events" }];
  if (!after) return [{ path, change: `${keyword} widened from ${list(before)} to any`, effect: "earlier consumers refuse" }];
  const [removed, added] = [without(before, after), without(after, before)];
  // Every integer is a number: `number` to `integer` only removes values.
  if (keyword === "type" && after.has("number")) removed.delete("integer");
  if (keyword === "type" && before.has("number")) added.delete("integer");
  const change = `from ${list(before)} to ${list(after)}`;
  if (removed.size > 0) return [{ path, change: `${keyword} narrowed ${change}`, effect: "refuses earlier events" }];
  if (added.size > 0) return [{ path, change: `${keyword} widened ${change}`, effect: "earlier consumers refuse" }];
  return [];
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
  return before.flatMap((schema, index) => compareNested(keyword, schema, after[index], `${path} (${keyword} ${index + 1})`));
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

/** A keyword as a whole: a directional one determines who is affected; any change of another may refuse earlier events. */
function compareValue(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
): SchemaChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [{ path, change: `${keyword} added: ${show(after)}`, effect: "refuses earlier events" }];
  if (after === undefined) return [{ path, change: `${keyword} removed: ${show(before)}`, effect: "earlier consumers refuse" }];
  const direction = BOUNDS[keyword];
  if (!direction || typeof before !== "number" || typeof after !== "number") {
    return [{ path, change: `${keyword} changed from ${show(before)} to ${show(after)}`, effect: "refuses earlier events" }];
  }
  const raised = after > before;
  const narrower = raised === (direction === "floor");
  return [
    {
      path,
      change: `${keyword} ${raised ? "raised" : "lowered"} from ${before} to ${after}`,
      effect: narrower ? "refuses earlier events" : "earlier consumers refuse",
    },
  ];
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

function typesOf({ type }: JsonObject): Set<string> | undefined {
  if (type === undefined) return undefined;
  return new Set((isJsonArray(type) ? type : [type]).map(String));
}

function valuesOf(schema: JsonObject): Set<string> | undefined {
  const values = schema["const"] === undefined ? schema["enum"] : [schema["const"]];
  return isJsonArray(values) ? new Set(values.map(show)) : undefined;
}

function without(values: Set<string>, others: Set<string>): Set<string> {
  return new Set([...values].filter((value) => !others.has(value)));
}

function list(values: Set<string> | undefined): string {
  return [...(values ?? [])].join(" | ");
}

/** A value in a message: its JSON, shortened. */
function show(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
