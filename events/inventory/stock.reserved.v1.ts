import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { amount, currency, orderId, quantity } from "../fields.ts";
import { inventory } from "./topic.ts";

export const stockReserved = defineEvent({
  type: "stock.reserved.v1",
  topic: inventory,
  description: "Every line of the order is reserved. Contains the amount to pay, so that payments needs no other event.",
  schema: v.object({ orderId, units: quantity, total: amount, currency }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", units: 12, total: 5_364, currency: "GBP" },
});
