import * as v from "valibot";
import { defineEntity, type EntityId, type Envelope } from "#lib/contracts/index.ts";

/** One event in the journal. The entries with one correlation id are in one partition, ordered by time. */
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
  id: ({ correlationId, time, eventId, source }) => entryId({ correlationid: correlationId, time, id: eventId, source }),
});

/** The id of an event's entry. */
export function entryId({
  correlationid,
  time,
  id,
  source,
}: Pick<Envelope, "correlationid" | "time" | "id" | "source">): EntityId {
  return [correlationid, `${time}#${id}#${source}`];
}
