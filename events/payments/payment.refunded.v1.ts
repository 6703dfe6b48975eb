import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { amount, currency, orderId, text } from "../fields.ts";
import { payments } from "./topic.ts";

export const paymentRefunded = defineEvent({
  type: "payment.refunded.v1",
  topic: payments,
  description: "The payment provider refunded the order's payment in full.",
  schema: v.object({ orderId, paymentId: text, amount, currency }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", paymentId: "pay_1001", amount: 5_364, currency: "GBP" },
});
