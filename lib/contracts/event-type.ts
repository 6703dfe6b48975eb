/** Splits a type into name and version: `order.placed.v2` is `order.placed` at 2. Undefined if it has no version. */
export function parseEventType(type: string): { name: string; version: number } | undefined {
  const match = /^(.+)\.v([1-9][0-9]*)$/.exec(type);
  return match ? { name: match[1]!, version: Number(match[2]) } : undefined;
}
