/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object, such as a schema. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Whether a JSON value is an object: neither an array nor null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a JSON value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * Parses a text that holds one JSON object.
 *
 * @param what names the text in messages: a file's path
 * @throws Error when the text is not a JSON object.
 */
export function parseJsonObject(text: string, what: string): JsonObject {
  let value: JsonValue;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse returns exactly this type
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw new Error(`${what}: expected JSON; restore the file from git`);
  }
  if (!isJsonObject(value)) throw new Error(`${what}: expected a JSON object; restore the file from git`);
  return value;
}

/** The text of a generated JSON file: two spaces, keys in the order given, one newline at the end. */
export function jsonFile(value: JsonObject): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
