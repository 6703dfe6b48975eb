/** Attributes of a message, as SNS and SQS write them. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

/** What is published to a topic. */
export interface TopicMessage {
  readonly body: string;
  readonly subject?: string;
  readonly attributes: MessageAttributes;
  /** `json`: the body is an object with a text for each protocol, and one by the name of `default`. */
  readonly structure?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** A message that a topic has taken. */
export interface PublishedMessage extends TopicMessage {
  readonly topicArn: string;
  readonly messageId: string;
  /** ISO 8601. */
  readonly publishedAt: string;
  /** On a FIFO topic: 20 digits that grow. */
  readonly sequenceNumber?: string;
}

/** Bytes of a message: its body, and names, types and values of its attributes. sns/latest/api/API_Publish */
export function sizeOf({ body, attributes }: TopicMessage): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, { DataType, StringValue = "", BinaryValue = "" }]) =>
      bytes + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, "base64"),
    Buffer.byteLength(body),
  );
}

/** The text that a protocol's subscribers get; undefined where the body is to have one for each and has none for it. */
export function bodyFor(protocol: string, { body, structure }: TopicMessage): string | undefined {
  if (structure !== "json") return body;
  try {
    const texts: unknown = JSON.parse(body);
    if (typeof texts !== "object" || texts === null) return undefined;
    const text: unknown = Reflect.get(texts, protocol) ?? Reflect.get(texts, "default");
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}
