import * as events from "#events";
import { defineService } from "#lib/contracts/index.ts";
import { email, emailId } from "./email.ts";

export default defineService("notifications", "E-mails customers about the outcome of their orders.", {
  consumes: [events.orderConfirmed, events.orderRejected, events.orderCancelled],
  publishes: [events.emailSent, events.emailFailed],
  owns: [email],
  inbox: { entity: email, id: emailId, unique: true },
  sendsEmail: true,
  logs: ["subject", "errorMessages"],
});
