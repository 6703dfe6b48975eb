import type { MessageAttributes } from "../../delivery.ts";
import type { PublishedMessage } from "../publishing/message.ts";
import type { SignatureVersion } from "../signature/signature.ts";
import type { Addresses } from "./addresses.ts";

/** Writes what subscribers get of a message where raw delivery is off. What they share, the signature above all, is made once. */
export class Notifications {
  readonly #addresses: Addresses;
  /** Of the message that is being delivered, by its text. */
  readonly #signatures = new WeakMap<PublishedMessage, Map<string, string>>();

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  /** For queues and HTTP endpoints: sns/latest/dg/sns-message-and-json-formats. */
  json(published: PublishedMessage, protocol: string, subscriptionArn: string, version: SignatureVersion): string {
    const { topicArn, receipt, publishedAt, message, isFifo } = published;
    const body = published.bodyFor(protocol);
    const attributes = formatAttributes(message.attributes);
    return JSON.stringify({
      Type: "Notification",
      MessageId: receipt.messageId,
      ...(receipt.sequenceNumber !== undefined && { SequenceNumber: receipt.sequenceNumber }),
      TopicArn: topicArn,
      ...(message.subject !== undefined && { Subject: message.subject }),
      Message: body,
      Timestamp: publishedAt,
      // A FIFO topic does not sign.
      ...(!isFifo && {
        SignatureVersion: version,
        Signature: this.#sign(published, body, version),
        SigningCertURL: this.#addresses.certificate,
      }),
      UnsubscribeURL: this.#addresses.unsubscribe(subscriptionArn),
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    });
  }

  /** For functions: lambda/latest/dg/with-sns. The version that it names is always 1, whatever the signature is of, as on AWS. */
  functionEvent(published: PublishedMessage, subscriptionArn: string, version: SignatureVersion): unknown {
    const { topicArn, receipt, publishedAt, message } = published;
    const body = published.bodyFor("lambda");
    return {
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: subscriptionArn,
          Sns: {
            Type: "Notification",
            MessageId: receipt.messageId,
            TopicArn: topicArn,
            Subject: message.subject ?? null,
            Message: body,
            Timestamp: publishedAt,
            SignatureVersion: "1",
            Signature: this.#sign(published, body, version),
            SigningCertUrl: this.#addresses.certificate,
            UnsubscribeUrl: this.#addresses.unsubscribe(subscriptionArn),
            MessageAttributes: formatAttributes(message.attributes),
          },
        },
      ],
    };
  }

  #sign(published: PublishedMessage, body: string, version: SignatureVersion): string {
    let signatures = this.#signatures.get(published);
    if (signatures === undefined) this.#signatures.set(published, (signatures = new Map<string, string>()));
    const known = signatures.get(body);
    if (known !== undefined) return known;
    const { message, receipt, publishedAt, topicArn } = published;
    const fields = {
      Message: body,
      MessageId: receipt.messageId,
      ...(message.subject !== undefined && { Subject: message.subject }),
      Timestamp: publishedAt,
      TopicArn: topicArn,
      Type: "Notification",
    };
    const signature = this.#addresses.signer.sign(fields, version);
    signatures.set(body, signature);
    return signature;
  }
}

function formatAttributes(attributes: MessageAttributes): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue = "" }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ]),
  );
}
