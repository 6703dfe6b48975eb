import { InvalidEventError } from "../../contracts/errors.ts";

/** A surrogate, escaped as JSON does. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * Checks a JSON document for lone surrogates. JSON can escape half of a surrogate pair, but UTF-8 cannot encode it, so
 * DynamoDB would refuse the item on every attempt. https://www.rfc-editor.org/rfc/rfc8259#section-8.2
 *
 * @param json valid JSON
 * @throws InvalidEventError that names the field.
 */
export function requireWellFormed(json: string): void {
  if (!SURROGATE_ESCAPE.test(json)) return;
  JSON.parse(json, (name, value: unknown) => {
    if (!name.isWellFormed()) throw new InvalidEventError("a field's name has half a surrogate pair");
    if (typeof value === "string" && !value.isWellFormed()) {
      throw new InvalidEventError(`"${name}" has half a surrogate pair`);
    }
    return value;
  });
}
