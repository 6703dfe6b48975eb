import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidEventError } from "./errors.ts";

/** Issues that an error message names; of further ones it gives the number. */
const ISSUES_SHOWN = 5;

/**
 * Checks a value against a schema and returns it typed.
 *
 * @param what what the value is, for the message: `order.placed.v1`
 * @throws InvalidEventError that names each field that is wrong.
 */
export function validate<Output>(schema: StandardSchemaV1<unknown, Output>, value: unknown, what: string): Output {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) throw new TypeError(`${what}: its schema is asynchronous; events are validated synchronously`);
  if (!result.issues) return result.value;
  const shown = result.issues.slice(0, ISSUES_SHOWN).map((issue) => `${path(issue)}: ${withoutValue(issue.message)}`);
  const more = result.issues.length - shown.length;
  throw new InvalidEventError(`${what}: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`);
}

/** A message without the received value: it may be personal data, and messages end up in logs. */
function withoutValue(message: string): string {
  return message.replace(/(?: but|:) received .*$/is, "");
}

function path(issue: StandardSchemaV1.Issue): string {
  const keys = issue.path?.map((part) => String(typeof part === "object" ? part.key : part)) ?? [];
  return keys.length === 0 ? "data" : `data.${keys.join(".")}`;
}
