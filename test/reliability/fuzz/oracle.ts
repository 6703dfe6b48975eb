import * as v from "valibot";
import { orderCancelled, orderPlaced } from "#events";

const text = v.pipe(v.string(), v.minLength(1));

const envelope = v.looseObject({
  specversion: v.literal("1.0"),
  id: v.pipe(text, v.maxLength(256)),
  source: text,
  subject: text,
  time: v.pipe(
    text,
    v.check((time) => !Number.isNaN(Date.parse(time))),
  ),
  correlationid: v.optional(text),
  causationid: v.optional(text),
});

/** The id of the event that a body holds, by rules of the test's own; undefined for one that no consumer can handle. */
export function eventIdOf(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { success, output } = v.safeParse(envelope, value);
  if (!success || !allWellFormed(value) || isTooDeep(value)) return undefined;
  const definition = [orderPlaced, orderCancelled].find(({ type }) => type === output["type"]);
  const validated = definition?.schema["~standard"].validate(output["data"]);
  if (!validated || validated instanceof Promise || validated.issues) return undefined;
  return output.id;
}

/** Whether a value is deeper than the call stack. */
function isTooDeep(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
}

/** Whether no text, and no name, has half of a surrogate pair. Without recursion, for a body may be as deep as it likes. */
function allWellFormed(root: unknown): boolean {
  const left = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && !value.isWellFormed()) return false;
    if (typeof value !== "object" || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      if (!name.isWellFormed()) return false;
      left.push(member);
    }
  }
  return true;
}
