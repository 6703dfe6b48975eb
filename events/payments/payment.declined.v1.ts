import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { amount, currency, orderId, text } from "../fields.ts";
import { payments } from "./topic.ts";

export const paymentDeclined = defineEvent({
  type: "payment.declined.v1",
  topic: payments,
  description: "The payment provider permanently declined the order's payment; retrying would not help.",
  schema: v.object({ orderId, amount, currency, reason: text }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", amount: 5_364, currency: "GBP", reason: "insufficient funds" },
});
