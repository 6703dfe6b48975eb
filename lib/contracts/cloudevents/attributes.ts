import { InvalidEventError } from "../errors.ts";

/** Longest event id: with the consumer's name it must fit a DynamoDB partition key of 2,048 bytes with room to spare. */
export const MAXIMUM_ID = 256;

/** A date and a time with its offset. https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * The attributes that publisher and consumer demand alike.
 *
 * @throws InvalidEventError that says which one is missing or wrong.
 */
export function attributesOf(fields: ReadonlyMap<string, unknown>) {
  const text = (name: string): string => {
    const field = fields.get(name);
    if (typeof field === "string" && field !== "") return field;
    const fault = field === undefined ? "missing" : field === "" ? "empty" : "not a text";
    throw new InvalidEventError(`the envelope's "${name}" is ${fault}`);
  };
  const id = text("id");
  if (id.length > MAXIMUM_ID) throw new InvalidEventError(`the envelope's "id" is longer than ${MAXIMUM_ID} characters`);
  const time = text("time");
  if (!RFC_3339.test(time) || Number.isNaN(Date.parse(time))) {
    throw new InvalidEventError(`the envelope's "time" is not an RFC 3339 time, like 2026-11-20T09:30:00Z`);
  }
  return {
    id,
    source: text("source"),
    type: text("type"),
    subject: text("subject"),
    time,
    correlationid: fields.has("correlationid") ? text("correlationid") : id,
    ...(fields.has("causationid") && { causationid: text("causationid") }),
  };
}
