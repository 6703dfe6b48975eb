import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";

const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });
const topic = (TopicName: string) => ({ Type: "AWS::SNS::Topic", Properties: { TopicName } });
const subscription = (TopicArn: string, Endpoint: string) => ({
  Type: "AWS::SNS::Subscription",
  Properties: {
    TopicArn: { Ref: TopicArn },
    Protocol: "sqs",
    Endpoint: { "Fn::GetAtt": [Endpoint, "Arn"] },
    RawMessageDelivery: true,
  },
});

const Resources = {
  Fuzzed: queue("fuzzed"),
  FuzzedTopic: topic("fuzzed"),
  FuzzedSubscription: subscription("FuzzedTopic", "Fuzzed"),
  Inbox: queue("inbox"),
  Orders: topic("orders"),
  OrdersSubscription: subscription("Orders", "Inbox"),
  Policy: {
    Type: "AWS::SQS::QueuePolicy",
    Properties: {
      Queues: [{ Ref: "Fuzzed" }, { Ref: "Inbox" }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: "*" }],
      },
    },
  },
  Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "fuzzed" } },
  Table: {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: "fuzzed",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    },
  },
  Echo: {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: "echo",
      Code: { S3Bucket: "assets", S3Key: "echo.zip" },
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Timeout: 10,
      MemorySize: 128,
    },
  },
};

/** A cloud that has what the generated calls name (`fuzzed`, `echo`), and a topic with a queue that they do not. */
export async function runFuzzedCloud(): Promise<Cloud> {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-fuzz-"));
  const write = (name: string, value: object) => writeFileSync(join(folder, name), JSON.stringify(value));
  mkdirSync(join(folder, "echo"));
  writeFileSync(join(folder, "echo", "index.mjs"), "export const handler = async (event) => event;");
  write("fuzzed.template.json", { Resources });
  write("assets.json", {
    files: { echo: { source: { path: "echo", packaging: "zip" }, destinations: { here: { objectKey: "echo.zip" } } } },
  });
  write("manifest.json", {
    version: "55.0.0",
    artifacts: {
      assets: { type: "cdk:asset-manifest", properties: { file: "assets.json" } },
      fuzzed: { type: "aws:cloudformation:stack", properties: { templateFile: "fuzzed.template.json" } },
    },
  });
  const cloud = await startCloud({ assembly: folder, port: 0 });
  void cloud.ended.then(() => rmSync(folder, { recursive: true, force: true }));
  return cloud;
}
