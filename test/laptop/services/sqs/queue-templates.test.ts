import { GetQueueAttributesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, runCloud, runResources, temporaryFolder, writeAssembly } from "../../../support/cloud-support.ts";

const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:orders";
const topic = { service: "sns.amazonaws.com", sourceArn: "arn:aws:sns:us-east-1:000000000000:events" };
const queue = (properties: object = {}) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName: "orders", ...properties } });
const policy = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: topic.service }, Action: "sqs:SendMessage", Resource: QUEUE_ARN }],
};

async function attributesOf(cloud: Cloud) {
  const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
  const client = new SQSClient(clientConfig(cloud));
  const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  const { Tags } = await client.send(new ListQueueTagsCommand({ QueueUrl }));
  return { Attributes, Tags };
}

test.each([
  ["AWS::SQS::QueuePolicy", { Queues: [{ Ref: "Orders" }], PolicyDocument: policy }],
  ["AWS::SQS::QueueInlinePolicy", { Queue: { Ref: "Orders" }, PolicyDocument: policy }],
])("%s lets a topic in, and is the queue's Policy", async (Type, Properties) => {
  const cloud = await runResources({ Orders: queue(), Policy: { Type, Properties } });
  expect(cloud.iam.allows(topic, "sqs:SendMessage", QUEUE_ARN)).toBe(true);
  expect(JSON.parse((await attributesOf(cloud)).Attributes["Policy"] ?? "")).toEqual(policy);
});

test("a kept queue has what the template says now, and its defaults for what the template says no more", async () => {
  const persist = temporaryFolder();
  const assembly = (properties: object) => writeAssembly({ shop: { Resources: { Orders: queue(properties) } } });
  const before = { VisibilityTimeout: 60, KmsMasterKeyId: "key", Tags: [{ Key: "team", Value: "blue" }] };
  const first = await runCloud({ assembly: assembly(before), persist });
  expect(await attributesOf(first)).toMatchObject({
    Attributes: { VisibilityTimeout: "60", KmsMasterKeyId: "key", SqsManagedSseEnabled: "false" },
    Tags: { team: "blue" },
  });
  await first.stop();

  const second = await runCloud({ assembly: assembly({ DelaySeconds: 5 }), persist });
  const { Attributes, Tags } = await attributesOf(second);
  expect(Attributes).toMatchObject({ VisibilityTimeout: "30", DelaySeconds: "5", SqsManagedSseEnabled: "true" });
  expect([Attributes["KmsMasterKeyId"], Tags]).toEqual([undefined, undefined]);
});

test("a property that a queue cannot have stops the start, with the resource's name", async () => {
  await expect(runResources({ Orders: queue({ VisibilityTimeout: 50_000 }) })).rejects.toThrow(
    /Orders.*Invalid value for the parameter VisibilityTimeout/,
  );
});
