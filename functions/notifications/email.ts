import * as v from "valibot";
import { defineEntity, type Envelope } from "#lib/contracts/index.ts";

/** One message to a customer, by the event that it is about. */
export const email = defineEntity({
  name: "email",
  schema: v.object({
    eventId: v.string(),
    source: v.string(),
    orderId: v.string(),
    to: v.optional(v.string()),
    subject: v.string(),
    status: v.picklist(["sent", "failed", "no address"]),
    messageId: v.optional(v.string()),
    reason: v.optional(v.string()),
  }),
  id: ({ eventId, source }) => emailId({ id: eventId, source }),
});

/** The id of the message about an event. */
export function emailId({ id, source }: Pick<Envelope, "id" | "source">): string {
  return `${id}#${source}`;
}
