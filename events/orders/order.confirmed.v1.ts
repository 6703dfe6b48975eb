import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { amount, currency, email, orderId } from "../fields.ts";
import { orders } from "./topic.ts";

export const orderConfirmed = defineEvent({
  type: "order.confirmed.v1",
  topic: orders,
  description: "The order's stock is reserved and its payment captured: it will be delivered.",
  schema: v.object({ orderId, email: v.optional(email), total: amount, currency }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", email: "customer-17850@shop.example", total: 5_364, currency: "GBP" },
});
