import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidEventError } from "./errors.ts";

/** Issues that an error message names; of further ones it gives the number. */
const ISSUES_SHOWN = 5;

/** What a schema says of a value: the value typed, or what is wrong with it. */
export type Verdict<Output> = { readonly value: Output } | { readonly reason: string };

/**
 * Checks an event's data against a schema and returns it typed.
 *
 * @param what what the value is, for the message: `order.placed.v1`
 * @throws InvalidEventError that names each field that is wrong.
 */
export function validate<Output>(schema: StandardSchemaV1<unknown, Output>, value: unknown, what: string): Output {
  const verdict = judge(schema, value, what);
  if ("value" in verdict) return verdict.value;
  throw new InvalidEventError(`${what}: ${verdict.reason}`);
}

/**
 * Checks a value against a schema.
 *
 * @param what what the value is, for the message about an asynchronous schema
 * @returns the value, or a reason that names each field that is wrong, without its value: it may be personal data
 */
export function judge<Output>(schema: StandardSchemaV1<unknown, Output>, value: unknown, what: string): Verdict<Output> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) throw new TypeError(`${what}: its schema is asynchronous; expected one that answers at once`);
  if (!result.issues) return { value: result.value };
  const shown = result.issues.slice(0, ISSUES_SHOWN).map((issue) => `${path(issue)}: ${withoutValue(issue.message)}`);
  const more = result.issues.length - shown.length;
  return { reason: `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}` };
}

/** A message without the received value: messages end up in logs. */
function withoutValue(message: string): string {
  return message.replace(/(?: but|:) received .*$/is, "");
}

function path(issue: StandardSchemaV1.Issue): string {
  const keys = issue.path?.map((part) => String(typeof part === "object" ? part.key : part)) ?? [];
  return keys.length === 0 ? "data" : `data.${keys.join(".")}`;
}
