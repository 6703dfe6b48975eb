import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** The one payment of an order. `cancelled`: the order was cancelled before anything was captured. */
export const payment = defineEntity({
  name: "payment",
  schema: v.object({
    orderId: v.string(),
    status: v.picklist(["captured", "declined", "cancelled", "refunded"]),
    amount: v.optional(v.number()),
    currency: v.optional(v.picklist(["GBP", "EUR", "USD"])),
    paymentId: v.optional(v.string()),
    reason: v.optional(v.string()),
  }),
  id: ({ orderId }) => orderId,
});
