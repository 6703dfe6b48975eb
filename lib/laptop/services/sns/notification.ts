import { account } from "../../shared/account.ts";
import type { MessageAttributes, PublishedMessage } from "./message.ts";

/** Where AWS keeps the certificate; signatures are not made here. */
const CERTIFICATE = `https://sns.${account.region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`;
const SIGNATURE = "EXAMPLE";

/** What a queue gets of a message where raw delivery is off: sns/latest/dg/sns-message-and-json-formats. */
export function notification(message: PublishedMessage, body: string, subscriptionArn: string): string {
  const { topicArn, messageId, subject, publishedAt, sequenceNumber, attributes } = message;
  const formatted = formatAttributes(attributes);
  return JSON.stringify({
    Type: "Notification",
    MessageId: messageId,
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: body,
    Timestamp: publishedAt,
    // A FIFO topic does not sign.
    ...(sequenceNumber === undefined && { SignatureVersion: "1", Signature: SIGNATURE, SigningCertURL: CERTIFICATE }),
    UnsubscribeURL: unsubscribeUrl(subscriptionArn),
    ...(Object.keys(formatted).length > 0 && { MessageAttributes: formatted }),
  });
}

/** What a function gets of a message: lambda/latest/dg/with-sns. */
export function functionEvent(message: PublishedMessage, body: string, subscriptionArn: string): unknown {
  const { topicArn, messageId, subject, publishedAt, attributes } = message;
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Type: "Notification",
          MessageId: messageId,
          TopicArn: topicArn,
          Subject: subject ?? null,
          Message: body,
          Timestamp: publishedAt,
          SignatureVersion: "1",
          Signature: SIGNATURE,
          SigningCertUrl: CERTIFICATE,
          UnsubscribeUrl: unsubscribeUrl(subscriptionArn),
          MessageAttributes: formatAttributes(attributes),
        },
      },
    ],
  };
}

function unsubscribeUrl(subscriptionArn: string): string {
  return `https://sns.${account.region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

function formatAttributes(attributes: MessageAttributes): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue = "" }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ]),
  );
}
