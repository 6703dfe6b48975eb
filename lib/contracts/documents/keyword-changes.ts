import { isDeepStrictEqual } from "node:util";
import { isJsonArray, type JsonObject, type JsonValue } from "./json.ts";

/**
 * Who is affected by a change. A narrower schema refuses earlier events, which are still in queues and dead-letter queues;
 * a wider one accepts events that consumers deployed earlier refuse; a removed field is one that they miss; another default gives
 * events without the field another meaning.
 */
export type Effect =
  | "refuses earlier events"
  | "earlier consumers refuse"
  | "earlier consumers miss"
  | "reads earlier events differently";

/** One way in which a new schema breaks with the old one. */
export interface SchemaChange {
  /** The field, from `data` on: `data.lines[].sku`. */
  readonly path: string;
  /** The change, with the old and new value: `maximum lowered from 10 to 5`. */
  readonly change: string;
  readonly effect: Effect;
}

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

/** A keyword that is a set of what is allowed; undefined allows anything. */
export function compareSets(
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

/** A default that is new gives a meaning to what had none. */
export function compareDefault(before: JsonValue | undefined, after: JsonValue | undefined, path: string): SchemaChange[] {
  if (before === undefined || isDeepStrictEqual(before, after)) return [];
  const change =
    after === undefined ? `default removed: ${show(before)}` : `default changed from ${show(before)} to ${show(after)}`;
  return [{ path, change, effect: "reads earlier events differently" }];
}

/** Rules that have no order and no degrees: each is there or not. */
export function compareRules(before: JsonValue | undefined, after: JsonValue | undefined, path: string): SchemaChange[] {
  const [old, current] = [before, after].map((rules) => new Set(isJsonArray(rules) ? rules.map(String) : []));
  return [
    ...[...without(current!, old!)].map((rule): SchemaChange => ({
      path,
      change: `rule added: ${rule}`,
      effect: "refuses earlier events",
    })),
    ...[...without(old!, current!)].map((rule): SchemaChange => ({
      path,
      change: `rule removed: ${rule}`,
      effect: "earlier consumers refuse",
    })),
  ];
}

/** A keyword as a whole: a directional one determines who is affected; any change of another may refuse earlier events. */
export function compareValue(
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

/** The types that a schema allows; its values have theirs, whether it names them or not. */
export function typesOf(schema: JsonObject): Set<string> | undefined {
  const { type } = schema;
  if (type !== undefined) return new Set((isJsonArray(type) ? type : [type]).map(String));
  const values = schema["const"] === undefined ? schema["enum"] : [schema["const"]];
  return isJsonArray(values) ? new Set(values.map(typeOf)) : undefined;
}

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  return isJsonArray(value) ? "array" : typeof value;
}

/** The values that a schema lists; undefined if it lists none. */
export function valuesOf(schema: JsonObject): Set<string> | undefined {
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
