import * as v from "valibot";
import { defineEntity, type Envelope } from "#lib/contracts/index.ts";

/**
 * One event in the journal. Its key is what makes an event the same one, and nothing else: a copy that says another time, for instance,
 * is still a copy.
 */
export const entry = defineEntity({
  name: "journal",
  schema: v.object({
    correlationId: v.string(),
    time: v.string(),
    eventId: v.string(),
    type: v.string(),
    source: v.string(),
    subject: v.string(),
    causationId: v.optional(v.string()),
    data: v.unknown(),
  }),
  id: ({ eventId, source }) => entryId({ id: eventId, source }),
});

/** The id of an event's entry. */
export function entryId({ id, source }: Pick<Envelope, "id" | "source">): string {
  return `${id}#${source}`;
}
