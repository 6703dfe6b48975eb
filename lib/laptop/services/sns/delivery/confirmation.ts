import { randomUUID } from "node:crypto";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SignatureVersion } from "../signature/signature.ts";
import type { Addresses } from "./addresses.ts";

/** What an HTTP endpoint is asked, before its subscription begins and once it has ended. */
export type ConfirmationType = "SubscriptionConfirmation" | "UnsubscribeConfirmation";

export interface Confirmation {
  readonly messageId: string;
  /** JSON. */
  readonly body: string;
}

/** sns/latest/dg/sns-message-and-json-formats, "HTTP/HTTPS subscription confirmation JSON format" and the next */
export function confirmation(
  type: ConfirmationType,
  { arn, token = "", topic }: Subscription,
  addresses: Addresses,
  now: number,
): Confirmation {
  const messageId = randomUUID();
  const text =
    type === "SubscriptionConfirmation"
      ? `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription`
      : `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription`;
  const version: SignatureVersion = topic.attribute("SignatureVersion") === "2" ? "2" : "1";
  const fields = {
    Type: type,
    MessageId: messageId,
    Token: token,
    TopicArn: topic.arn,
    Message: `${text}, visit the SubscribeURL included in this message.`,
    SubscribeURL: addresses.confirm(topic.arn, token),
    Timestamp: new Date(now).toISOString(),
  };
  const signature = {
    SignatureVersion: version,
    Signature: addresses.signer.sign(fields, version),
    SigningCertURL: addresses.certificate,
  };
  return { messageId, body: JSON.stringify({ ...fields, ...signature }) };
}
