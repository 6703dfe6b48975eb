import type { SQSEvent } from "aws-lambda";
import { type Message, receiptHandleOf } from "./queue.ts";

/** What a function gets of a batch of messages. */
export function toQueueEvent(batch: readonly Message[], queueName: string): SQSEvent {
  return { Records: batch.map((message) => toRecord(message, queueName)) };
}

function toRecord(message: Message, queueName: string): SQSEvent["Records"][number] {
  return {
    messageId: message.messageId,
    receiptHandle: receiptHandleOf(message),
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(Math.round(message.sentAt)),
      SenderId: "sns",
      ApproximateFirstReceiveTimestamp: String(Math.round(message.firstReceivedAt)),
      ...(message.group !== undefined && { MessageGroupId: message.group }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, stringValue]) => [name, { dataType: "String", stringValue }]),
    ),
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
    awsRegion: "us-east-1",
  };
}
