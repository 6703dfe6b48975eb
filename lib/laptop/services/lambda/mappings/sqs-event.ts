import type { ReceivedMessage, SourceQueue } from "../../source-queue.ts";

/** A message attribute as Lambda hands it on. */
interface SqsRecordAttribute {
  readonly stringValue?: string;
  /** Base64. */
  readonly binaryValue?: string;
  readonly stringListValues: readonly never[];
  readonly binaryListValues: readonly never[];
  readonly dataType: string;
}

/** One message in the event of a Lambda function. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, SqsRecordAttribute>>;
  /** Absent where the message has no attributes. */
  readonly md5OfMessageAttributes?: string;
  readonly md5OfBody: string;
  readonly eventSource: "aws:sqs";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

/** What Lambda hands a function for a batch of messages. */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** The event for a batch of one queue's messages, in the order in which they came. */
export function sqsEvent(queue: SourceQueue, messages: readonly ReceivedMessage[]): SqsEvent {
  const [, , , awsRegion = ""] = queue.arn.split(":");
  return {
    Records: messages.map((message) => ({
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: message.attributes,
      messageAttributes: recordAttributes(message),
      ...(message.md5OfMessageAttributes !== undefined && { md5OfMessageAttributes: message.md5OfMessageAttributes }),
      md5OfBody: message.md5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queue.arn,
      awsRegion,
    })),
  };
}

function recordAttributes(message: ReceivedMessage): Record<string, SqsRecordAttribute> {
  return Object.fromEntries(
    Object.entries(message.messageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        ...(StringValue === undefined ? {} : { stringValue: StringValue }),
        ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  );
}
