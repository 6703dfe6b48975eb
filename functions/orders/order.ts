import * as v from "valibot";
import { defineEntity, upcastFrom } from "#lib/contracts/index.ts";

const state = {
  orderId: v.string(),
  status: v.picklist(["placed", "confirmed", "rejected", "cancelled"]),
  total: v.number(),
  currency: v.picklist(["GBP", "EUR", "USD"]),
  email: v.optional(v.string()),
  reason: v.optional(v.string()),
};

/** An order of the last release, whose lines and charges are in an `order-lines` item. */
const orderV1 = { name: "order", schema: v.object(state) };

/**
 * An order, with what was ordered. An item for the lines would keep changes of state small, but would make the first write a transaction,
 * which costs as much.
 */
export const order = defineEntity({
  name: "order",
  version: 2,
  schema: v.object({ ...state, lines: v.optional(v.array(v.unknown())), charges: v.optional(v.array(v.unknown())) }),
  upcasts: [upcastFrom(orderV1, (data) => data)],
  id: ({ orderId }) => orderId,
});
