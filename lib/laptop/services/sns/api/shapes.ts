import { type Action, boolean, list, map, string, structure, type Shape } from "../../protocols/shape.ts";

const text = string();
const texts = map(text);
const tags = list(structure({ Key: text, Value: text }));
const subscriptions = list(structure({ SubscriptionArn: text, Owner: text, Protocol: text, Endpoint: text, TopicArn: text }));

const message: Readonly<Record<string, Shape>> = {
  Message: text,
  Subject: text,
  MessageStructure: text,
  MessageAttributes: map(structure({ "DataType!": text, StringValue: text, BinaryValue: text }), "Name", "Value"),
  MessageDeduplicationId: text,
  MessageGroupId: text,
};
const receipt = { MessageId: text, SequenceNumber: text };

/** The actions of SNS that are served here, as the API reference has them. Attributes of outputs come in the order given here. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    "AddPermission",
    { input: structure({ "TopicArn!": text, "Label!": text, "AWSAccountId!": list(text), "ActionName!": list(text) }) },
  ],
  [
    "ConfirmSubscription",
    {
      input: structure({ "TopicArn!": text, "Token!": text, AuthenticateOnUnsubscribe: text }),
      output: structure({ SubscriptionArn: text }),
    },
  ],
  [
    "CreateTopic",
    {
      input: structure({ "Name!": text, Attributes: texts, Tags: tags, DataProtectionPolicy: text }),
      output: structure({ TopicArn: text }),
    },
  ],
  ["DeleteTopic", { input: structure({ "TopicArn!": text }) }],
  [
    "GetDataProtectionPolicy",
    { input: structure({ "ResourceArn!": text }), output: structure({ DataProtectionPolicy: text }) },
  ],
  ["GetSubscriptionAttributes", { input: structure({ "SubscriptionArn!": text }), output: structure({ Attributes: texts }) }],
  ["GetTopicAttributes", { input: structure({ "TopicArn!": text }), output: structure({ Attributes: texts }) }],
  [
    "ListSubscriptions",
    { input: structure({ NextToken: text }), output: structure({ Subscriptions: subscriptions, NextToken: text }) },
  ],
  [
    "ListSubscriptionsByTopic",
    {
      input: structure({ "TopicArn!": text, NextToken: text }),
      output: structure({ Subscriptions: subscriptions, NextToken: text }),
    },
  ],
  ["ListTagsForResource", { input: structure({ "ResourceArn!": text }), output: structure({ Tags: tags }) }],
  [
    "ListTopics",
    {
      input: structure({ NextToken: text }),
      output: structure({ Topics: list(structure({ TopicArn: text })), NextToken: text }),
    },
  ],
  [
    "Publish",
    { input: structure({ TopicArn: text, TargetArn: text, PhoneNumber: text, ...message }), output: structure(receipt) },
  ],
  [
    "PublishBatch",
    {
      input: structure({ "TopicArn!": text, PublishBatchRequestEntries: list(structure({ "Id!": text, ...message })) }),
      output: structure({
        Successful: list(structure({ Id: text, ...receipt })),
        Failed: list(structure({ Id: text, Code: text, Message: text, SenderFault: boolean })),
      }),
    },
  ],
  ["PutDataProtectionPolicy", { input: structure({ "ResourceArn!": text, "DataProtectionPolicy!": text }) }],
  ["RemovePermission", { input: structure({ "TopicArn!": text, "Label!": text }) }],
  [
    "SetSubscriptionAttributes",
    { input: structure({ "SubscriptionArn!": text, "AttributeName!": text, AttributeValue: text }) },
  ],
  ["SetTopicAttributes", { input: structure({ "TopicArn!": text, "AttributeName!": text, AttributeValue: text }) }],
  [
    "Subscribe",
    {
      input: structure({
        "TopicArn!": text,
        "Protocol!": text,
        Endpoint: text,
        Attributes: texts,
        ReturnSubscriptionArn: boolean,
      }),
      output: structure({ SubscriptionArn: text }),
    },
  ],
  ["TagResource", { input: structure({ "ResourceArn!": text, "Tags!": tags }), output: structure({}) }],
  ["Unsubscribe", { input: structure({ "SubscriptionArn!": text }) }],
  ["UntagResource", { input: structure({ "ResourceArn!": text, "TagKeys!": list(text) }), output: structure({}) }],
]);
