/** A type without its version, and the version: `order.placed.v2` is `order.placed` at 2. */
export function parseEventType(type: string): { name: string; version: number } | undefined {
  const match = /^(.+)\.v([1-9][0-9]*)$/.exec(type);
  return match ? { name: match[1]!, version: Number(match[2]) } : undefined;
}
