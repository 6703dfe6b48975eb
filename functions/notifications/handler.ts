import { emailFailed, emailSent } from "#events";
import { consumer } from "#lib/runtime/index.ts";
import { email, emailId } from "./email.ts";
import { sendEmail } from "./send-email.ts";
import service from "./service.ts";
import { messageOf } from "./templates.ts";

export const handler = consumer(service, async (event, unit) => {
  const { orderId, email: to } = event.data;
  const { subject, text } = messageOf(event);
  const about = { eventId: event.id, source: event.source, orderId, subject };
  if (!to) return unit.put(email, { ...about, status: "no address" });

  const result = await unit.effects.once(`email:${emailId(event)}`, () => sendEmail({ to, subject, text }, unit.signal));
  unit.put(email, { ...about, to, ...result });
  if (result.status === "sent") unit.emit(emailSent, { orderId, to, subject, messageId: result.messageId });
  else unit.emit(emailFailed, { orderId, to, subject, reason: result.reason });
});
