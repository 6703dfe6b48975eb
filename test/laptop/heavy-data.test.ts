import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import {
  clientConfig,
  codeFolder,
  lambda,
  openToTopics,
  rawSubscription,
  runCloud,
  runResources,
  writeAssembly,
} from "../support/cloud-support.ts";

/*
 * Each of these held up the whole cloud for minutes, or for ever: it runs in one process. They assert what comes of it; the time is that
 * which a test may take.
 */

const QUEUE = { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } };

const subscribed = (policy: object) => ({
  Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
  Queue: QUEUE,
  Policy: openToTopics("Queue"),
  Subscription: rawSubscription({ FilterPolicy: policy, FilterPolicyScope: "MessageBody" }),
});

async function publish(cloud: Cloud, ...bodies: string[]): Promise<void> {
  const client = new SNSClient(clientConfig(cloud));
  for (const Message of bodies)
    await client.send(new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:events", Message }));
}

const held = (cloud: Cloud) => cloud.queues.look("orders").messages.map(({ body }) => body);

test("130,000 numbers in a body are held against the most complex filter policy", async () => {
  const alternatives = (from: number) => Array.from({ length: 12 }, (_, n) => from + n);
  const $or = Array.from({ length: 12 }, (_, n) => ({ numbers: alternatives(100 + 12 * n) }));
  const cloud = await runResources(subscribed({ $or }));
  const numbers = Array.from({ length: 130_000 }, () => 7);
  const without = JSON.stringify({ numbers });
  const withOne = JSON.stringify({ numbers: [...numbers.slice(0, -2), 243] });
  await publish(cloud, without, withOne);
  expect(held(cloud)).toEqual([withOne]);
});

test("objects in an array, and fields that may be missing, are looked at once", async () => {
  const cloud = await runResources(subscribed({ lines: { sku: [{ exists: false }], count: [{ numeric: [">", 1] }] } }));
  const lines = Array.from({ length: 18_000 }, () => ({ count: 1 }));
  const passing = JSON.stringify({ lines: [...lines, { count: 2 }] });
  await publish(cloud, JSON.stringify({ lines }), JSON.stringify({ lines: [...lines, { count: 2 }, { sku: "a" }] }), passing);
  expect(held(cloud)).toEqual([passing]);
});

test("a body that is nested 60,000 deep passes a filter policy, or does not", async () => {
  const cloud = await runResources(subscribed({ deep: [1] }));
  const nested = (value: number) => `{"deep":${"[".repeat(60_000)}${value}${"]".repeat(60_000)}}`;
  await publish(cloud, nested(2), nested(1));
  expect(held(cloud)).toEqual([nested(1)]);
});

test("a message of 1 MB is held against the wildcards of an event filter", async () => {
  const Mapping = (Pattern: object) => ({
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      FunctionName: { Ref: "Worker" },
      EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] },
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify(Pattern) }] },
    },
  });
  const long = `${"a".repeat(1_500)}b${"a".repeat(1_500)}`;
  const Resources = {
    Queue: QUEUE,
    Worker: lambda("worker", "code"),
    Mapping: Mapping({ body: { text: [{ wildcard: `*${long}*` }] } }),
  };
  const code = codeFolder("export const handler = async () => {};");
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources } }, { code }) });
  const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
  const send = (text: string) =>
    new SQSClient(clientConfig(cloud)).send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ text }) }));
  const records = () => cloud.activity.recent().flatMap((it) => (it.kind === "invocation" ? [it.records] : []));
  await send("a".repeat(1_000_000));
  await send(`${"a".repeat(900_000)}${long}`);
  await expect.poll(records, { timeout: 15_000 }).toEqual([1]);
  await expect.poll(() => held(cloud), { timeout: 15_000 }).toEqual([]);
});

test("an event filter has 4,096 characters at most, as on Lambda", async () => {
  const Pattern = JSON.stringify({ body: [{ prefix: "a".repeat(4_096) }] });
  const Properties = {
    FunctionName: { Ref: "Worker" },
    EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] },
    FilterCriteria: { Filters: [{ Pattern }] },
  };
  const Resources = {
    Queue: QUEUE,
    Worker: lambda("worker", "code"),
    Mapping: { Type: "AWS::Lambda::EventSourceMapping", Properties },
  };
  const code = codeFolder("export const handler = async () => {};");
  await expect(runCloud({ assembly: writeAssembly({ shop: { Resources } }, { code }) })).rejects.toThrow(
    `has ${Pattern.length} characters: expected 4096 at most`,
  );
});

test("a number of 200,000 digits that is none is refused", async () => {
  const cloud = await runResources({ Queue: QUEUE });
  const attribute = { DataType: "Number", StringValue: `${"1".repeat(200_000)}x` };
  const command = { QueueUrl: `${cloud.endpoint}/000000000000/orders`, MessageBody: "m", MessageAttributes: { attribute } };
  await expect(new SQSClient(clientConfig(cloud)).send(new SendMessageCommand(command))).rejects.toThrow(
    "Can't cast the value",
  );
});

test("a queue's URL of 1 MB of slashes names no queue", async () => {
  const cloud = await runResources({ Queue: QUEUE });
  const answer = await fetch(cloud.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "AmazonSQS.SendMessage", "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ QueueUrl: `http://localhost${"/".repeat(1_000_000)}x?${"?".repeat(1_000_000)}`, MessageBody: "m" }),
  });
  expect(await answer.text()).toContain("QueueDoesNotExist");
});

test("a policy with ten wildcards is held against a long name", async () => {
  const Statement = [
    { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::shop/${"*a".repeat(10)}b` },
    { Effect: "Allow", Action: "sqs:SendMessage", Resource: `\${${" ".repeat(3_500)}` },
  ];
  const Role = {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: "reader",
      AssumeRolePolicyDocument: {},
      Policies: [{ PolicyName: "read", PolicyDocument: { Version: "2012-10-17", Statement } }],
    },
  };
  const cloud = await runResources({ Role });
  const may = (key: string) => cloud.iam.allows("reader", "s3:GetObject", `arn:aws:s3:::shop/${key}`);
  expect(may("a".repeat(1_000))).toBe(false);
  expect(may(`${"a".repeat(1_000)}b`)).toBe(true);
});

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "an attribute called %s is one that SQS does not have",
  async (name) => {
    const cloud = await runResources({ Queue: QUEUE });
    const client = new SQSClient(clientConfig(cloud));
    const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
    const Attributes = Object.fromEntries([[name, "1"]]);
    const unknown = `Unknown Attribute ${name}.`;
    await expect(client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }))).rejects.toThrow(unknown);
    await expect(client.send(new CreateQueueCommand({ QueueName: "another", Attributes }))).rejects.toThrow(unknown);
  },
);

test("a message's attributes may be called what JavaScript's objects have", async () => {
  const cloud = await runResources({ Queue: QUEUE });
  const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
  const names = ["constructor", "toString", "__proto__"];
  const MessageAttributes = Object.fromEntries(names.map((name) => [name, { DataType: "String", StringValue: name }]));
  const client = new SQSClient(clientConfig(cloud));
  // The client itself drops __proto__ when it reads, so the answer is read as it comes.
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "m", MessageAttributes }));
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"] }));
  expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {})).toEqual(expect.arrayContaining(["constructor", "toString"]));
});
