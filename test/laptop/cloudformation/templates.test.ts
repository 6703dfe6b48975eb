import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, openToTopics, runCloud, runResources, table, writeAssembly } from "../../support/cloud-support.ts";

const queue = (name: string, properties: object = {}) => ({
  Type: "AWS::SQS::Queue",
  Properties: { QueueName: name, ...properties },
});
const parameter = (name: string, value: unknown) => ({
  Type: "AWS::SSM::Parameter",
  Properties: { Name: name, Type: "String", Value: value },
});
const subscription = (properties: object) => ({
  Type: "AWS::SNS::Subscription",
  Properties: { Protocol: "sqs", RawMessageDelivery: true, ...properties },
});

async function publish(cloud: Cloud, topic: string, type: string) {
  await new SNSClient(clientConfig(cloud)).send(
    new PublishCommand({
      TopicArn: `arn:aws:sns:us-east-1:000000000000:${topic}`,
      Message: type,
      MessageAttributes: { type: { DataType: "String", StringValue: type } },
    }),
  );
}

const bodies = (cloud: Cloud, name: string) => cloud.queues.look(name).messages.map(({ body }) => body);

test("a topic delivers to each queue what its filter policy lets through", async () => {
  const cloud = await runResources({
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "orders" } },
    Billing: queue("billing"),
    Ledger: queue("ledger"),
    Policy: openToTopics("Billing", "Ledger"),
    BillingSubscription: subscription({
      TopicArn: { Ref: "Topic" },
      Endpoint: { "Fn::GetAtt": ["Billing", "Arn"] },
      FilterPolicy: { type: ["order.placed.v1"] },
    }),
    LedgerSubscription: subscription({ TopicArn: { Ref: "Topic" }, Endpoint: { "Fn::GetAtt": ["Ledger", "Arn"] } }),
  });
  await publish(cloud, "orders", "order.placed.v1");
  await publish(cloud, "orders", "order.cancelled.v1");
  expect(bodies(cloud, "billing")).toEqual(["order.placed.v1"]);
  expect(bodies(cloud, "ledger")).toEqual(["order.placed.v1", "order.cancelled.v1"]);
  const { topics } = await cloud.status();
  expect(topics).toMatchObject([{ name: "orders", published: 2, subscriptions: [{ queue: "billing" }, { queue: "ledger" }] }]);
});

test("a message for a queue that is gone lies in the subscription's dead-letter queue", async () => {
  const cloud = await runResources({
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "orders" } },
    Billing: queue("billing"),
    Undelivered: queue("undelivered"),
    Policy: openToTopics("Billing", "Undelivered"),
    Subscription: subscription({
      TopicArn: { Ref: "Topic" },
      Endpoint: { "Fn::GetAtt": ["Billing", "Arn"] },
      FilterPolicy: { type: ["order.placed.v1"] },
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Undelivered", "Arn"] } },
    }),
  });
  const QueueUrl = `${cloud.endpoint}/000000000000/billing`;
  await new SQSClient(clientConfig(cloud)).send(new DeleteQueueCommand({ QueueUrl }));
  await publish(cloud, "orders", "order.placed.v1");
  await publish(cloud, "orders", "order.cancelled.v1");
  expect(bodies(cloud, "undelivered")).toEqual(["order.placed.v1"]);
});

test("expressions of a template come out as CloudFormation works them out", async () => {
  const template = {
    Parameters: {
      Size: { Type: "String", Default: "small" },
      Zones: { Type: "CommaDelimitedList", Default: "a,b" },
      BootstrapVersion: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/cdk-bootstrap/x/version" },
    },
    Mappings: { Sizes: { small: { memory: "128" } } },
    Conditions: {
      Small: { "Fn::Equals": [{ Ref: "Size" }, "small"] },
      Both: { "Fn::And": [{ Condition: "Small" }, { "Fn::Not": [{ "Fn::Equals": ["a", "b"] }] }] },
      Either: { "Fn::Or": [{ Condition: "Both" }, { "Fn::Equals": ["a", "b"] }] },
      Never: { "Fn::Not": [{ Condition: "Either" }] },
    },
    Resources: {
      Queue: { Type: "AWS::SQS::Queue" },
      Join: parameter("/join", { "Fn::Join": ["-", ["a", { Ref: "AWS::AccountId" }, { Ref: "AWS::Region" }]] }),
      Sub: parameter("/sub", { "Fn::Sub": "${AWS::Partition}:${Queue.Arn}:${!Literal}" }),
      SubMap: parameter("/sub-map", { "Fn::Sub": ["${x}/${Size}", { x: { "Fn::GetAtt": "Queue.QueueName" } }] }),
      Select: parameter("/select", { "Fn::Select": ["1", { "Fn::Split": [",", "x,y,z"] }] }),
      Zone: parameter("/zone", { "Fn::Select": [1, { Ref: "Zones" }] }),
      If: parameter("/if", { "Fn::If": ["Either", { "Fn::FindInMap": ["Sizes", { Ref: "Size" }, "memory"] }, "none"] }),
      Base64: parameter("/base64", { "Fn::Base64": "hello" }),
      Dynamic: { ...parameter("/dynamic", "{{resolve:ssm:/if}} MB"), DependsOn: "If" },
      Absent: { ...parameter("/absent", "x"), Condition: "Never" },
    },
    Outputs: { Name: { Value: { "Fn::GetAtt": ["Queue", "QueueName"] }, Export: { Name: "queue-name" } } },
  };
  const reader = { Resources: { Import: parameter("/import", { "Fn::ImportValue": "queue-name" }) } };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: template, reader }) });
  const client = new SSMClient(clientConfig(cloud));
  const value = async (Name: string) => (await client.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  expect(await value("/join")).toBe("a-000000000000-us-east-1");
  expect(await value("/sub")).toBe("aws:arn:aws:sqs:us-east-1:000000000000:shop-Queue:${Literal}");
  expect(await value("/sub-map")).toBe("shop-Queue/small");
  expect(await value("/select")).toBe("y");
  expect(await value("/zone")).toBe("b");
  expect(await value("/if")).toBe("128");
  expect(await value("/base64")).toBe("aGVsbG8=");
  expect(await value("/dynamic")).toBe("128 MB");
  expect(await value("/import")).toBe("shop-Queue");
  await expect(value("/absent")).rejects.toMatchObject({ name: "ParameterNotFound" });
});

test("a stack that reads an SSM parameter is created after the one that writes it, whatever the assembly's order", async () => {
  const service = {
    Parameters: { OrdersTopic: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/topics/orders" } },
    Resources: {
      Queue: queue("service"),
      Policy: openToTopics("Queue"),
      Subscription: subscription({ TopicArn: { Ref: "OrdersTopic" }, Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] } }),
    },
  };
  const backbone = {
    Resources: {
      Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "orders" } },
      Arn: parameter("/topics/orders", { Ref: "Topic" }),
    },
  };
  const cloud = await runCloud({ assembly: writeAssembly({ service, backbone }) });
  await publish(cloud, "orders", "order.placed.v1");
  expect(bodies(cloud, "service")).toEqual(["order.placed.v1"]);
});

test("a missing SSM parameter is named, with its stack and the way to give it", async () => {
  const assembly = writeAssembly({
    payments: { Parameters: { Url: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/payments/url" } }, Resources: {} },
  });
  await expect(runCloud({ assembly })).rejects.toThrow(
    "Stack payments needs the SSM parameter /payments/url, which nothing sets. Give it with --parameter /payments/url=value.",
  );
  await expect(runCloud({ assembly, parameters: { "/payments/url": "http://127.0.0.1" } })).resolves.toBeDefined();
});

test("a resource that does not run here is listed, and those that refer to it are created all the same", async () => {
  const cloud = await runResources({
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "shop" } },
    Queue: queue("orders", { KmsMasterKeyId: { "Fn::GetAtt": ["Api", "Arn"] } }),
    Alarm: { Type: "AWS::CloudWatch::Alarm" },
    Metadata: { Type: "AWS::CDK::Metadata" },
  });
  expect(cloud.missing).toEqual([
    { stack: "shop", logicalId: "Api", type: "AWS::ApiGatewayV2::Api", consequence: "there is no HTTP endpoint" },
  ]);
  expect(cloud.queues.look("orders").counts).toEqual({ ready: 0, inFlight: 0, delayed: 0 });
});

test("a table has the keys, indexes, stream and time to live of its template", async () => {
  const cloud = await runResources({
    Orders: table("orders", {
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "customer", AttributeType: "S" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-customer",
          KeySchema: [{ AttributeName: "customer", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      StreamSpecification: { StreamViewType: "NEW_IMAGE" },
    }),
  });
  const { Table } = await new DynamoDBClient(clientConfig(cloud)).send(new DescribeTableCommand({ TableName: "orders" }));
  expect(Table).toMatchObject({
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [{ IndexName: "by-customer" }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  });
});

test("a folder without a cloud assembly is named", async () => {
  await expect(runCloud({ assembly: "no/such/folder" })).rejects.toThrow("no/such/folder holds no cloud assembly");
});

test("names that every object has are names like others", async () => {
  const cloud = await runResources({
    toString: queue("plain"),
    Named: parameter("/named", { Ref: "toString" }),
    Hello: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: "hello",
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: "exports.handler = async () => process.env.constructor;" },
        Environment: { Variables: { constructor: "mine" } },
      },
    },
  });
  const { Parameter } = await new SSMClient(clientConfig(cloud)).send(new GetParameterCommand({ Name: "/named" }));
  expect(Parameter?.Value).toMatch(/\/plain$/);
  const invoke = `${cloud.endpoint}/2015-03-31/functions/hello/invocations`;
  expect(await (await fetch(invoke, { method: "POST", body: "{}" })).json()).toBe("mine");
  await expect(runResources({ Named: parameter("/named", { Ref: "valueOf" }) })).rejects.toThrow(
    "Stack shop refers to valueOf, which it does not have.",
  );
});

test("a circle of references is named by stack and resource", async () => {
  const circle = runResources({ A: queue("a", { X: { Ref: "B" } }), B: queue("b", { X: { Ref: "A" } }) });
  await expect(circle).rejects.toThrow("Stack shop refers in a circle, at A");
});

test("the ARNs that a stack of its own account and region writes are those of the laptop cloud", async () => {
  const assembly = writeAssembly({
    shop: {
      Resources: {
        Queue: queue("orders-eu-west-1"),
        Whole: parameter("/whole", "arn:aws:sqs:eu-west-1:123456789012:orders-eu-west-1"),
        Joined: parameter("/joined", { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":iam::123456789012:role/x"]] }),
        Region: parameter("/region", "eu-west-1"),
      },
    },
  });
  const manifest = join(assembly, "manifest.json");
  const written: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const { artifacts } = v.parse(v.object({ artifacts: v.record(v.string(), v.looseObject({})) }), written);
  const shop = { ...artifacts["shop"], environment: "aws://123456789012/eu-west-1" };
  writeFileSync(manifest, JSON.stringify({ artifacts: { ...artifacts, shop } }));
  const cloud = await runCloud({ assembly });
  const client = new SSMClient(clientConfig(cloud));
  const value = async (Name: string) => (await client.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  expect(await value("/whole")).toBe("arn:aws:sqs:us-east-1:000000000000:orders-eu-west-1");
  expect(await value("/joined")).toBe("arn:aws:iam::000000000000:role/x");
  expect(await value("/region")).toBe("us-east-1");
  expect(cloud.queues.look("orders-eu-west-1").messages).toEqual([]);
});

test("a custom resource of the user's is listed by its function, and those of the CDK are set up without theirs", async () => {
  const setter = (name: string) => ({
    Type: "AWS::Lambda::Function",
    Properties: { FunctionName: name, Runtime: "python3.13", Handler: "index.handler", Code: { ZipFile: "" } },
  });
  const cloud = await runResources({
    Setter: setter("setter"),
    Own: { Type: "Custom::Migration", Properties: { ServiceToken: { "Fn::GetAtt": ["Setter", "Arn"] } } },
    Version: parameter("/version", { "Fn::GetAtt": ["Own", "Version"] }),
    LogHelper: setter("log-helper"),
    Logs: { Type: "Custom::LogRetention", Properties: { ServiceToken: { "Fn::GetAtt": ["LogHelper", "Arn"] } } },
  });
  expect(cloud.missing.map(({ logicalId, consequence }) => `${logicalId}: ${consequence}`)).toEqual([
    "Setter: setter is never invoked: functions run on Node.js here, not on python3.13",
    "Own: setter is not called: what it would set up is not there",
  ]);
});

test("an attribute that is not known here is stood in for, and said so", async () => {
  const cloud = await runResources({
    Queue: queue("orders"),
    Odd: parameter("/odd", { "Fn::GetAtt": ["Queue", "FlavorArn"] }),
  });
  const client = new SSMClient(clientConfig(cloud));
  const { Parameter } = await client.send(new GetParameterCommand({ Name: "/odd" }));
  expect(Parameter?.Value).toBe("arn:aws:sqs:us-east-1:000000000000:shop-Queue");
  expect(cloud.missing).toMatchObject([
    { logicalId: "Queue", consequence: expect.stringContaining("its attribute FlavorArn") },
  ]);
});

test("an export of another app is given like a parameter, and one that nobody gives is named", async () => {
  const assembly = writeAssembly({
    shop: { Resources: { Import: parameter("/import", { "Fn::ImportValue": "their-topic" }) } },
  });
  await expect(runCloud({ assembly })).rejects.toThrow(
    "Stack shop imports their-topic, which no stack before it exports. Give it with --parameter their-topic=value.",
  );
  await expect(runCloud({ assembly, parameters: { "their-topic": "x" } })).resolves.toBeDefined();
});

test("a subscription to a topic of another app is listed, and does not stop the rest", async () => {
  const topicArn = "arn:aws:sns:us-east-1:000000000000:theirs";
  const cloud = await runResources({
    Queue: queue("orders"),
    Subscription: subscription({ TopicArn: topicArn, Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] } }),
  });
  expect(cloud.missing).toMatchObject([
    {
      logicalId: "Subscription",
      consequence: `nothing is delivered: its topic ${topicArn} is not here. Run its stack with this one`,
    },
  ]);
});

test("two long names with the same beginning stay two", async () => {
  const long = "A".repeat(90);
  const cloud = await runResources({ [`${long}1`]: { Type: "AWS::SQS::Queue" }, [`${long}2`]: { Type: "AWS::SQS::Queue" } });
  const { queues } = await cloud.status();
  expect(queues.map(({ name }) => name.length)).toEqual([80, 80]);
});
