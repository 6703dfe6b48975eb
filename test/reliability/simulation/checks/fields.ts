/** A field of something from outside; undefined where there is none. */
export function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** A field that is a list; empty for none. */
export function listOf(value: unknown, name: string): unknown[] {
  const list = property(value, name);
  return Array.isArray(list) ? list : [];
}

/** A field that is a text; empty for none. */
export function textOf(value: unknown, name: string): string {
  const text = property(value, name);
  return typeof text === "string" ? text : "";
}
