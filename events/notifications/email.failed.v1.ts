import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { email, orderId, text } from "../fields.ts";
import { notifications } from "./topic.ts";

export const emailFailed = defineEvent({
  type: "email.failed.v1",
  topic: notifications,
  description: "The e-mail provider permanently rejected a message, for example because the address does not exist.",
  schema: v.object({ orderId, to: email, subject: text, reason: text }),
  subject: ({ orderId }) => orderId,
  example: {
    orderId: "1001",
    to: "customer-17850@shop.example",
    subject: "Your order 1001 is confirmed",
    reason: "Address is on the suppression list",
  },
});
