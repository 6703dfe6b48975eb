import { InvalidEventError } from "../contracts/errors.ts";

/** How JSON spells half a surrogate pair. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * Checks that every text in a JSON document is one. JSON can spell half of a surrogate pair, which is no character: UTF-8
 * cannot say it, and so DynamoDB refuses the item, on every attempt. https://www.rfc-editor.org/rfc/rfc8259#section-8.2
 *
 * @param json JSON that parses
 * @throws InvalidEventError that names the field.
 */
export function requireWellFormed(json: string): void {
  if (!SURROGATE_ESCAPE.test(json)) return;
  JSON.parse(json, (name, value: unknown) => {
    if (!name.isWellFormed()) throw new InvalidEventError("a field's name has half a surrogate pair, which is no character");
    if (typeof value === "string" && !value.isWellFormed()) {
      throw new InvalidEventError(`"${name}" has half a surrogate pair, which is no character`);
    }
    return value;
  });
}
