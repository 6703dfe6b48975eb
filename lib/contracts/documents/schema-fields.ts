import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** One field of an event's data, for a reader. */
export interface SchemaField {
  /** `lines[].sku`; an optional field ends in `?`: `customer.email?`. */
  readonly path: string;
  /** `integer 0 or more`, `GBP | EUR | USD`. */
  readonly shape: string;
}

/** The fields of a JSON Schema, including those of nested objects and array items, in order. */
export function fieldsOf(schema: JsonObject, prefix = ""): SchemaField[] {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return [];
  const names = new Set(isJsonArray(required) ? required : []);
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}${names.has(name) ? "" : "?"}`;
    return isJsonObject(field) ? describe(path, field) : [];
  });
}

function describe(path: string, field: JsonObject): SchemaField[] {
  const { items } = field;
  if (isJsonObject(items)) {
    const inner = fieldsOf(items, `${path}[].`);
    return [
      {
        path: `${path}[]`,
        shape: inner.length > 0 ? length(field, "entries") : `${shape(items)}, ${length(field, "entries")}`,
      },
      ...inner,
    ];
  }
  const inner = fieldsOf(field, `${path}.`);
  return inner.length > 0 ? inner : [{ path, shape: shape(field) }];
}

function shape(field: JsonObject): string {
  const { type, format, enum: values, const: value, anyOf, oneOf } = field;
  const alternatives = anyOf ?? oneOf;
  if (value !== undefined) return text(value);
  if (isJsonArray(values)) return values.map(text).join(" | ");
  if (isJsonArray(alternatives))
    return alternatives.map((option) => (isJsonObject(option) ? shape(option) : text(option))).join(" | ");
  if (type === "string")
    return `${typeof format === "string" ? format : "text"}${pattern(field)}${limits(field, "Length", " characters")}`;
  if (type === "integer" || type === "number") return `${type}${limits(field, "imum", "")}`;
  return type === undefined ? "anything" : text(type);
}

function pattern({ pattern: expression }: JsonObject): string {
  return typeof expression === "string" ? ` matching \`${expression}\`` : "";
}

function length(field: JsonObject, unit: string): string {
  return limits(field, "Items", ` ${unit}`).trim() || unit;
}

/** The bounds in words, without those that every safe integer has: they mean nothing to a reader. */
function limits(field: JsonObject, suffix: string, unit: string): string {
  const least = finite(field[`min${suffix}`]);
  const most = finite(field[`max${suffix}`]);
  if (least !== undefined && most !== undefined) return ` ${least} to ${most}${unit}`;
  if (least !== undefined) return ` ${least} or more${unit}`;
  return most === undefined ? "" : ` up to ${most}${unit}`;
}

function finite(bound: JsonValue | undefined): number | undefined {
  return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function text(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
