import {
  type Action,
  boolean,
  flatList,
  flatMap,
  integer,
  type Shape,
  string,
  structure,
  type StructureShape,
} from "../../protocols/shape.ts";

const text = string();
const attributes = flatMap("Attribute", "Name", "Value", text);
const tags = flatMap("Tag", "Key", "Value", text);
const attributeNames = flatList("AttributeName", text);
const attributeValue = structure({ DataType: text, StringValue: text, BinaryValue: text });
const messageAttributes = flatMap("MessageAttribute", "Name", "Value", attributeValue);
const queueUrls = flatList("QueueUrl", text, "queueUrls");
const onQueue = structure({ "QueueUrl!": text });
const listMaximum = integer(1, 1_000);

const message = {
  "MessageBody!": text,
  DelaySeconds: integer(),
  MessageAttributes: messageAttributes,
  MessageSystemAttributes: flatMap("MessageSystemAttribute", "Name", "Value", attributeValue),
  MessageDeduplicationId: text,
  MessageGroupId: text,
};
const sent = {
  MessageId: text,
  MD5OfMessageBody: text,
  MD5OfMessageAttributes: text,
  MD5OfMessageSystemAttributes: text,
  SequenceNumber: text,
};
const received = structure({
  MessageId: text,
  ReceiptHandle: text,
  MD5OfBody: text,
  Body: text,
  Attributes: attributes,
  MD5OfMessageAttributes: text,
  MessageAttributes: messageAttributes,
});
const moveTask = structure({
  TaskHandle: text,
  Status: text,
  SourceArn: text,
  DestinationArn: text,
  MaxNumberOfMessagesPerSecond: integer(),
  ApproximateNumberOfMessagesMoved: integer(),
  ApproximateNumberOfMessagesToMove: integer(),
  FailureReason: text,
  StartedTimestamp: integer(),
});

/** A batch: entries in, and out which of them succeeded and which failed. `name` is the action's. */
function batch(name: string, entry: Readonly<Record<string, Shape>>, result: Readonly<Record<string, Shape>> = {}): Action {
  const failure = structure({ Id: text, SenderFault: boolean, Code: text, Message: text });
  return {
    input: structure({ "QueueUrl!": text, Entries: flatList(`${name}RequestEntry`, structure({ "Id!": text, ...entry })) }),
    output: structure({
      Successful: flatList(`${name}ResultEntry`, structure({ Id: text, ...result })),
      Failed: flatList("BatchResultErrorEntry", failure),
    }),
  };
}

function action(input: StructureShape, output?: Readonly<Record<string, Shape>>): Action {
  return { input, ...(output && { output: structure(output) }) };
}

/** The actions of SQS (API reference, version 2012-11-05). Limits that need the queue, or have texts of their own, are checked later. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["CreateQueue", action(structure({ "QueueName!": text, Attributes: attributes, tags }), { QueueUrl: text })],
  ["DeleteQueue", action(onQueue)],
  ["GetQueueUrl", action(structure({ "QueueName!": text, QueueOwnerAWSAccountId: text }), { QueueUrl: text })],
  [
    "ListQueues",
    action(structure({ QueueNamePrefix: text, MaxResults: listMaximum, NextToken: text }), {
      QueueUrls: queueUrls,
      NextToken: text,
    }),
  ],
  [
    "ListDeadLetterSourceQueues",
    action(structure({ "QueueUrl!": text, MaxResults: listMaximum, NextToken: text }), { queueUrls, NextToken: text }),
  ],
  ["GetQueueAttributes", action(structure({ "QueueUrl!": text, AttributeNames: attributeNames }), { Attributes: attributes })],
  ["SetQueueAttributes", action(structure({ "QueueUrl!": text, "Attributes!": attributes }))],
  ["PurgeQueue", action(onQueue)],
  [
    "AddPermission",
    action(
      structure({
        "QueueUrl!": text,
        "Label!": text,
        "AWSAccountIds!": flatList("AWSAccountId", text),
        "Actions!": flatList("ActionName", text),
      }),
    ),
  ],
  ["RemovePermission", action(structure({ "QueueUrl!": text, "Label!": text }))],
  ["TagQueue", action(structure({ "QueueUrl!": text, "Tags!": tags }))],
  ["UntagQueue", action(structure({ "QueueUrl!": text, "TagKeys!": flatList("TagKey", text) }))],
  ["ListQueueTags", action(onQueue, { Tags: tags })],
  ["SendMessage", action(structure({ "QueueUrl!": text, ...message }), sent)],
  ["SendMessageBatch", batch("SendMessageBatch", message, sent)],
  [
    "ReceiveMessage",
    action(
      structure({
        "QueueUrl!": text,
        AttributeNames: attributeNames,
        MessageSystemAttributeNames: flatList("MessageSystemAttributeName", text),
        MessageAttributeNames: flatList("MessageAttributeName", text),
        MaxNumberOfMessages: integer(1, 10, "Must be between 1 and 10, if provided"),
        VisibilityTimeout: integer(0, 43_200, "Must be >= 0 and <= 43200, if provided"),
        WaitTimeSeconds: integer(0, 20, "Must be >= 0 and <= 20, if provided"),
        ReceiveRequestAttemptId: text,
      }),
      { Messages: flatList("Message", received, "messages") },
    ),
  ],
  ["DeleteMessage", action(structure({ "QueueUrl!": text, "ReceiptHandle!": text }))],
  ["DeleteMessageBatch", batch("DeleteMessageBatch", { "ReceiptHandle!": text })],
  [
    "ChangeMessageVisibility",
    action(
      structure({
        "QueueUrl!": text,
        "ReceiptHandle!": text,
        "VisibilityTimeout!": integer(0, 43_200, "Must be between 0 and 43200"),
      }),
    ),
  ],
  [
    "ChangeMessageVisibilityBatch",
    batch("ChangeMessageVisibilityBatch", { "ReceiptHandle!": text, VisibilityTimeout: integer() }),
  ],
  [
    "StartMessageMoveTask",
    action(structure({ "SourceArn!": text, DestinationArn: text, MaxNumberOfMessagesPerSecond: integer(1, 500) }), {
      TaskHandle: text,
    }),
  ],
  [
    "ListMessageMoveTasks",
    action(structure({ "SourceArn!": text, MaxResults: integer(1, 10) }), {
      Results: flatList("ListMessageMoveTasksResultEntry", moveTask),
    }),
  ],
  ["CancelMessageMoveTask", action(structure({ "TaskHandle!": text }), { ApproximateNumberOfMessagesMoved: integer() })],
]);
