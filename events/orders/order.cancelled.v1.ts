import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { email, orderId, text } from "../fields.ts";
import { orders } from "./topic.ts";

export const orderCancelled = defineEvent({
  type: "order.cancelled.v1",
  topic: orders,
  description:
    "The customer, or the shop on their behalf, cancelled the whole order. Published by the shop, or by orders when somebody cancels it at the command line.",
  schema: v.object({ orderId, email: v.optional(email), reason: text }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", email: "customer-17850@shop.example", reason: "ordered twice" },
});
