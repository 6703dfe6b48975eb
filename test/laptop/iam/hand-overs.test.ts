import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, codeFolder, lambda, runCloud, runResources, writeAssembly } from "../../support/cloud-support.ts";
import { role } from "./templates.ts";

/* What AWS's services hand on by themselves asks for a grant as well. */

const HERE = "us-east-1:000000000000";
const queue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } };
const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

function refusals(cloud: Cloud): string[] {
  return cloud.activity
    .recent()
    .flatMap((activity) => (activity.kind === "notice" && activity.line.startsWith("IAM refuses") ? [activity.line] : []));
}

test("a bucket tells no queue whose policy does not let it", async () => {
  const NotificationConfiguration = { QueueConfigurations: [{ Event: "s3:ObjectCreated:*", Queue: arnOf("Queue") }] };
  const cloud = await runResources({
    Queue: queue,
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "papers", NotificationConfiguration } },
  });
  const s3 = new S3Client({ ...clientConfig(cloud), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: "papers", Key: "1", Body: "x" }));
  await cloud.settled(10_000);
  expect(cloud.queues.look("orders").messages).toEqual([]);
  expect(refusals(cloud)).toEqual([
    expect.stringContaining(`s3.amazonaws.com (for arn:aws:s3:::papers) sqs:SendMessage on arn:aws:sqs:${HERE}:orders`),
  ]);
});

/** A function that a topic and its own destination have to do with, and a role for it. */
function functionCloud(statements: readonly object[], more: object = {}): Promise<Cloud> {
  const Resources = {
    Queue: queue,
    Clerk: role("clerk", ...statements),
    Function: lambda("greet", "code", {}, arnOf("Clerk")),
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
    Subscription: {
      Type: "AWS::SNS::Subscription",
      Properties: { TopicArn: { Ref: "Topic" }, Protocol: "lambda", Endpoint: arnOf("Function") },
    },
    Outcomes: {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: {
        FunctionName: { Ref: "Function" },
        Qualifier: "$LATEST",
        DestinationConfig: { OnSuccess: { Destination: arnOf("Queue") } },
      },
    },
    ...more,
  };
  return runCloud({
    assembly: writeAssembly({ shop: { Resources } }, { code: codeFolder("export const handler = () => 'hello'") }),
  });
}

const mayReport = { Effect: "Allow", Action: "sqs:SendMessage", Resource: arnOf("Queue") };

test("Lambda hands an outcome to a destination as the function's role", async () => {
  const invoke = new InvokeCommand({ FunctionName: "greet", InvocationType: "Event", Payload: "{}" });
  const allowed = await functionCloud([mayReport]);
  await new LambdaClient(clientConfig(allowed)).send(invoke);
  await allowed.settled(10_000);
  expect(allowed.queues.look("orders").messages).toHaveLength(1);

  const refused = await functionCloud([]);
  await new LambdaClient(clientConfig(refused)).send(invoke);
  await refused.settled(10_000);
  expect(refused.queues.look("orders").messages).toEqual([]);
  expect(refusals(refused)).toEqual([
    expect.stringContaining(`greet (role clerk) sqs:SendMessage on arn:aws:sqs:${HERE}:orders: no identity-based policy`),
  ]);
});

test("a topic invokes a function only with the function's permission", async () => {
  const publish = new PublishCommand({ TopicArn: `arn:aws:sns:${HERE}:events`, Message: "m" });
  const Permission = {
    Type: "AWS::Lambda::Permission",
    Properties: {
      FunctionName: { Ref: "Function" },
      Action: "lambda:InvokeFunction",
      Principal: "sns.amazonaws.com",
      SourceArn: { Ref: "Topic" },
    },
  };
  const permitted = await functionCloud([mayReport], { Permission });
  await new SNSClient(clientConfig(permitted)).send(publish);
  await permitted.settled(10_000);
  expect(permitted.queues.look("orders").messages).toHaveLength(1);

  const refused = await functionCloud([mayReport]);
  await new SNSClient(clientConfig(refused)).send(publish);
  await refused.settled(10_000);
  expect(refused.queues.look("orders").messages).toEqual([]);
  expect(refusals(refused)).toEqual([
    expect.stringContaining(
      `sns.amazonaws.com (for arn:aws:sns:${HERE}:events) lambda:InvokeFunction on arn:aws:lambda:${HERE}:function:greet`,
    ),
  ]);
});

test("a function whose role is not of the templates is listed: nobody here decides what it may do", async () => {
  const elsewhere = "arn:aws:iam::000000000000:role/made-by-hand";
  const Function = lambda("greet", "code", {}, elsewhere);
  const assembly = writeAssembly(
    { shop: { Resources: { Function } } },
    { code: codeFolder("export const handler = () => {}") },
  );
  const cloud = await runCloud({ assembly });
  expect(cloud.missing).toEqual([
    {
      stack: "shop",
      logicalId: "Function",
      type: "AWS::Lambda::Function",
      consequence: `its role ${elsewhere} is not of these templates: it may do everything here`,
    },
  ]);
});
