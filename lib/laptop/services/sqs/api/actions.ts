import {
  type Action,
  boolean,
  flatList as list,
  flatMap as map,
  integer,
  type Shape,
  string,
  structure,
} from "../../protocols/shape.ts";

/** DelaySeconds and VisibilityTimeout in seconds, MaxResults: SQS API reference, each action's request parameters. */
const delaySeconds = integer(0, 900);
const visibilityTimeout = integer(0, 43_200);
const maxResults = integer(1, 1_000);

const text = string();
const queueName = string(
  /^(?=.{1,80}$)[\w-]+(\.fifo)?$/,
  "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
);

const attributes = map("Attribute", "Name", "Value", text);
const tags = map("Tag", "Key", "Value", text);
const attributeNames = list("AttributeName", text);
const attributeValue = structure({ "DataType!": text, StringValue: text, BinaryValue: text });
const messageAttributes = map("MessageAttribute", "Name", "Value", attributeValue);
const messageSystemAttributes = map("MessageSystemAttribute", "Name", "Value", attributeValue);

const message = {
  "MessageBody!": text,
  DelaySeconds: delaySeconds,
  MessageAttributes: messageAttributes,
  MessageSystemAttributes: messageSystemAttributes,
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

/** A batch: entries in, and out which of them succeeded and which failed. `name` is the action's. */
function batch(name: string, entry: Readonly<Record<string, Shape>>, result: Readonly<Record<string, Shape>> = {}): Action {
  return {
    input: structure({ "QueueUrl!": text, Entries: list(`${name}RequestEntry`, structure({ "Id!": text, ...entry })) }),
    output: structure({
      Successful: list(`${name}ResultEntry`, structure({ Id: text, ...result })),
      Failed: list("BatchResultErrorEntry", structure({ Id: text, SenderFault: boolean, Code: text, Message: text })),
    }),
  };
}

/**
 * The actions of SQS that the engine has (SQS API reference, version 2012-11-05). Limits that the engine checks itself, such as the ten
 * entries of a batch, are not repeated.
 */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    "CreateQueue",
    {
      input: structure({ "QueueName!": queueName, Attributes: attributes, tags }),
      output: structure({ QueueUrl: text }),
    },
  ],
  ["DeleteQueue", { input: structure({ "QueueUrl!": text }) }],
  [
    "GetQueueUrl",
    { input: structure({ "QueueName!": text, QueueOwnerAWSAccountId: text }), output: structure({ QueueUrl: text }) },
  ],
  [
    "ListQueues",
    {
      input: structure({ QueueNamePrefix: text, MaxResults: maxResults, NextToken: text }),
      output: structure({ QueueUrls: list("QueueUrl", text), NextToken: text }),
    },
  ],
  [
    "GetQueueAttributes",
    {
      input: structure({ "QueueUrl!": text, AttributeNames: attributeNames }),
      output: structure({ Attributes: attributes }),
    },
  ],
  ["SetQueueAttributes", { input: structure({ "QueueUrl!": text, "Attributes!": attributes }) }],
  ["PurgeQueue", { input: structure({ "QueueUrl!": text }) }],
  ["SendMessage", { input: structure({ "QueueUrl!": text, ...message }), output: structure(sent) }],
  ["SendMessageBatch", batch("SendMessageBatch", message, sent)],
  [
    "ReceiveMessage",
    {
      input: structure({
        "QueueUrl!": text,
        AttributeNames: attributeNames,
        MessageSystemAttributeNames: list("MessageSystemAttributeName", text),
        MessageAttributeNames: list("MessageAttributeName", text),
        MaxNumberOfMessages: integer(1, 10),
        VisibilityTimeout: visibilityTimeout,
        WaitTimeSeconds: integer(0, 20),
        ReceiveRequestAttemptId: text,
      }),
      output: structure({ Messages: list("Message", received) }),
    },
  ],
  ["DeleteMessage", { input: structure({ "QueueUrl!": text, "ReceiptHandle!": text }) }],
  ["DeleteMessageBatch", batch("DeleteMessageBatch", { "ReceiptHandle!": text })],
  [
    "ChangeMessageVisibility",
    { input: structure({ "QueueUrl!": text, "ReceiptHandle!": text, "VisibilityTimeout!": visibilityTimeout }) },
  ],
  [
    "ChangeMessageVisibilityBatch",
    batch("ChangeMessageVisibilityBatch", { "ReceiptHandle!": text, "VisibilityTimeout!": visibilityTimeout }),
  ],
  ["TagQueue", { input: structure({ "QueueUrl!": text, "Tags!": tags }) }],
  ["UntagQueue", { input: structure({ "QueueUrl!": text, "TagKeys!": list("TagKey", text) }) }],
  ["ListQueueTags", { input: structure({ "QueueUrl!": text }), output: structure({ Tags: tags }) }],
]);
