import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** An order's state, kept small because each step of the order writes it. */
export const order = defineEntity({
  name: "order",
  schema: v.object({
    orderId: v.string(),
    status: v.picklist(["placed", "confirmed", "rejected", "cancelled"]),
    total: v.number(),
    currency: v.picklist(["GBP", "EUR", "USD"]),
    email: v.optional(v.string()),
    reason: v.optional(v.string()),
  }),
  id: ({ orderId }) => orderId,
});

/** What was ordered, written once: up to a thousand lines would make every change of state expensive. */
export const orderLines = defineEntity({
  name: "order-lines",
  schema: v.object({ orderId: v.string(), lines: v.array(v.unknown()), charges: v.array(v.unknown()) }),
  id: ({ orderId }) => orderId,
});
