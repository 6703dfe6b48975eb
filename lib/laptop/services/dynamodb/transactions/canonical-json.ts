import { isRecord } from "../../../shared/json.ts";

/** A value as JSON whose members are in the order of their names: alike for requests that mean the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const names = Object.keys(value);
  // Nearly every object is an attribute value, of one member.
  if (names.length > 1) names.sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(",")}}`;
}
