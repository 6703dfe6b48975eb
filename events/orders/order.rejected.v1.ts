import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { email, orderId, text } from "../fields.ts";
import { orders } from "./topic.ts";

export const orderRejected = defineEvent({
  type: "order.rejected.v1",
  topic: orders,
  description: "The shop cannot deliver the order: stock was short, or the payment was declined.",
  schema: v.object({
    orderId,
    email: v.optional(email),
    reason: v.picklist(["out of stock", "payment declined"]),
    detail: text,
  }),
  subject: ({ orderId }) => orderId,
  example: {
    orderId: "1001",
    email: "customer-17850@shop.example",
    reason: "out of stock",
    detail: "71053: 6 wanted, 2 available",
  },
});
