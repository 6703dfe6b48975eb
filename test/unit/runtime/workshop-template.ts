import { openToTopics } from "../../support/cloud-support.ts";

/** One table; one queue and a FIFO one, each with its dead-letter queue; one topic, and a queue that hears all of it. */
export const template = {
  Resources: {
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: "workshop",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
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
