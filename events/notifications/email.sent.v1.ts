import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { email, orderId, text } from "../fields.ts";
import { notifications } from "./topic.ts";

export const emailSent = defineEvent({
  type: "email.sent.v1",
  topic: notifications,
  description: "The e-mail provider accepted a message to the customer.",
  schema: v.object({ orderId, to: email, subject: text, messageId: text }),
  subject: ({ orderId }) => orderId,
  example: {
    orderId: "1001",
    to: "customer-17850@shop.example",
    subject: "Your order 1001 is confirmed",
    messageId: "0100019a-5b1c-7c55-8f1b-000000000000",
  },
});
