import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { requireVariable } from "#lib/runtime/index.ts";

const ses = new SESv2Client({});
const from = requireVariable("EMAIL_FROM");

/** SES's errors for messages that it will never send: ses/latest/APIReference-V2/API_SendEmail */
const REFUSALS = ["MessageRejected", "BadRequestException"];

export type SendEmailResult =
  | { readonly status: "sent"; readonly messageId: string }
  | { readonly status: "failed"; readonly reason: string };

/** Sends one message through SES. @throws the SDK's error when SES cannot take it now */
export async function sendEmail(
  { to, subject, text }: { to: string; subject: string; text: string },
  signal: AbortSignal,
): Promise<SendEmailResult> {
  const command = new SendEmailCommand({
    FromEmailAddress: from,
    Destination: { ToAddresses: [to] },
    Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
  });
  try {
    const { MessageId } = await ses.send(command, { abortSignal: signal });
    return { status: "sent", messageId: MessageId ?? "unknown" };
  } catch (error) {
    if (error instanceof Error && REFUSALS.includes(error.name)) return { status: "failed", reason: error.message };
    throw error;
  }
}
