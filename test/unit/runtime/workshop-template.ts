import { keyAttributes } from "#lib/contracts/item-attributes.ts";
import { openToTopics } from "../../support/cloud-support.ts";

const INDEXES = ["byMaker", "byColour"];

/** One table with two indexes; one queue and a FIFO one, each with its dead-letter queue; one topic, and a queue that hears all of it. */
export const template = {
  Resources: {
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: "workshop",
        KeySchema: keySchema(undefined),
        AttributeDefinitions: [undefined, ...INDEXES]
          .flatMap((index) => Object.values(keyAttributes(index)))
          .map((name) => ({ AttributeName: name, AttributeType: "S" })),
        GlobalSecondaryIndexes: INDEXES.map((index) => ({
          IndexName: index,
          KeySchema: keySchema(index),
          Projection: { ProjectionType: "KEYS_ONLY" },
        })),
        BillingMode: "PAY_PER_REQUEST",
      },
    },
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "workshop" } },
    DeadLetters: { Type: "AWS::SQS::Queue", Properties: { QueueName: "workshop-dlq" } },
    FifoQueue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "workshop.fifo", FifoQueue: true } },
    FifoDeadLetters: { Type: "AWS::SQS::Queue", Properties: { QueueName: "workshop-dlq.fifo", FifoQueue: true } },
    Told: { Type: "AWS::SQS::Queue", Properties: { QueueName: "told" } },
    ToldPolicy: openToTopics("Told"),
    News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
    Subscription: {
      Type: "AWS::SNS::Subscription",
      Properties: {
        TopicArn: { Ref: "News" },
        Endpoint: { "Fn::GetAtt": ["Told", "Arn"] },
        Protocol: "sqs",
        RawMessageDelivery: true,
      },
    },
  },
};

/** @param index undefined for the table itself */
function keySchema(index: string | undefined) {
  const { partition, sort } = keyAttributes(index);
  return [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ];
}
