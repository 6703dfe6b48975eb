import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { amount, currency, orderId, text } from "../fields.ts";
import { payments } from "./topic.ts";

export const paymentCaptured = defineEvent({
  type: "payment.captured.v1",
  topic: payments,
  description: "The payment provider captured the order's total.",
  schema: v.object({ orderId, paymentId: text, amount, currency }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", paymentId: "pay_1001", amount: 5_364, currency: "GBP" },
});
