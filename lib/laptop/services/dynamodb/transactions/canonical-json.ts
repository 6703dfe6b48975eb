import { isRecord } from "../../../shared/json.ts";

/** A value as JSON whose members are in the order of their names: alike for requests that mean the same. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

/** Copies only what is not in order: most objects are attribute values, of one member, and every transaction passes here. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value;
  const names = Object.keys(value);
  const [only] = names;
  if (only !== undefined && names.length === 1) {
    const member = value[only];
    return typeof member === "object" && member !== null ? { [only]: inOrder(member) } : value;
  }
  names.sort();
  // Assigned, an attribute of that name would become the prototype.
  if (names.includes("__proto__")) return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
  const ordered: Record<string, unknown> = {};
  for (const name of names) ordered[name] = inOrder(value[name]);
  return ordered;
}
