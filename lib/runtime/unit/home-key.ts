import { type ItemKey, keyOf } from "../../contracts/entity.ts";
import type { Envelope } from "../../contracts/envelope.ts";
import type { InboxHome } from "../../contracts/inbox-home.ts";
import { PermanentError } from "../errors.ts";

/** Most bytes of a key: amazondynamodb, "Quotas in Amazon DynamoDB", partition keys and sort keys. */
const MOST_BYTES = { pk: 2_048, sk: 1_024 };

/** The key of an event's home. @throws PermanentError when it is longer than DynamoDB takes: an event's source and subject may be of any length */
export function homeKey({ entity, id }: InboxHome, header: Omit<Envelope, "data">): ItemKey {
  const key = keyOf(entity, id(header));
  for (const part of ["pk", "sk"] as const) {
    const bytes = Buffer.byteLength(key[part]);
    if (bytes <= MOST_BYTES[part]) continue;
    throw new PermanentError(
      `the ${entity.name} item that the event is about has a key of ${bytes} bytes: DynamoDB takes ${MOST_BYTES[part]}; publish the event with a shorter subject, source or id`,
    );
  }
  return key;
}
