import { hash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import * as v from "valibot";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, codeFolder, lambda, runCloud, runResources, writeAssembly } from "../../../support/cloud-support.ts";

const queue = (name: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName: name } });
const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
const images = (notifications: object) => ({
  Type: "AWS::S3::Bucket",
  Properties: { BucketName: "images", NotificationConfiguration: notifications },
});
/** The policy by which a bucket may send to a queue. */
const policy = (logicalId: string) => ({
  Type: "AWS::SQS::QueuePolicy",
  Properties: {
    Queues: [{ Ref: logicalId }],
    PolicyDocument: {
      Statement: [
        { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sqs:SendMessage", Resource: arnOf(logicalId) },
      ],
    },
  },
});

const client = (cloud: Cloud) => new S3Client({ ...clientConfig(cloud), forcePathStyle: true });
const put = (cloud: Cloud, Key: string) => client(cloud).send(new PutObjectCommand({ Bucket: "images", Key, Body: "pixels" }));

const message = v.looseObject({
  Records: v.array(v.looseObject({ eventName: v.string(), s3: v.looseObject({ object: v.looseObject({ key: v.string() }) }) })),
});

/** Bodies of a queue's messages, once what was begun is delivered. */
async function bodies(cloud: Cloud, name: string): Promise<v.InferOutput<typeof message>[]> {
  await cloud.settled(10_000);
  return cloud.queues.look(name).messages.map(({ body }) => v.parse(message, JSON.parse(body)));
}

async function events(cloud: Cloud, name: string): Promise<string[]> {
  return (await bodies(cloud, name)).flatMap(({ Records }) => Records.map((it) => `${it.eventName} ${it.s3.object.key}`));
}

test("a queue is told of an object as S3 tells it", async () => {
  const notifications = { QueueConfigurations: [{ Event: "s3:ObjectCreated:*", Queue: arnOf("Created") }] };
  const cloud = await runResources({ Created: queue("created"), Policy: policy("Created"), Images: images(notifications) });
  await put(cloud, "a b/ü.png");
  expect(await bodies(cloud, "created")).toMatchObject([
    {
      Records: [
        {
          eventVersion: "2.1",
          eventSource: "aws:s3",
          awsRegion: "us-east-1",
          eventName: "ObjectCreated:Put",
          s3: {
            bucket: { name: "images", arn: "arn:aws:s3:::images" },
            object: { key: "a+b/%C3%BC.png", size: 6, eTag: hash("md5", "pixels") },
          },
        },
      ],
    },
  ]);
});

test("puts, copies, uploads in parts and removals are told apart, and a removal of nothing is not told", async () => {
  const notifications = {
    QueueConfigurations: [
      { Event: "s3:ObjectCreated:*", Queue: arnOf("Everything") },
      { Event: "s3:ObjectRemoved:*", Queue: arnOf("Everything") },
      { Event: "s3:ObjectCreated:Copy", Queue: arnOf("Copies") },
    ],
  };
  const cloud = await runResources({
    Everything: queue("everything"),
    Copies: queue("copies"),
    EverythingPolicy: policy("Everything"),
    CopiesPolicy: policy("Copies"),
    Images: images(notifications),
  });
  const s3 = client(cloud);
  await put(cloud, "1");
  await s3.send(new CopyObjectCommand({ Bucket: "images", Key: "2", CopySource: "images/1" }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "images", Key: "3" }));
  const part = { Bucket: "images", Key: "3", UploadId, PartNumber: 1 };
  const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: "pixels" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ Bucket: "images", Key: "3", UploadId, MultipartUpload }));
  await s3.send(new DeleteObjectCommand({ Bucket: "images", Key: "1" }));
  await s3.send(new DeleteObjectCommand({ Bucket: "images", Key: "1" }));
  await s3.send(new DeleteObjectsCommand({ Bucket: "images", Delete: { Objects: [{ Key: "2" }] } }));
  expect(await events(cloud, "everything")).toEqual([
    "ObjectCreated:Put 1",
    "ObjectCreated:Copy 2",
    "ObjectCreated:CompleteMultipartUpload 3",
    "ObjectRemoved:Delete 1",
    "ObjectRemoved:Delete 2",
  ]);
  expect(await events(cloud, "copies")).toEqual(["ObjectCreated:Copy 2"]);
});

test("a notification with a prefix and a suffix is of the objects that have both", async () => {
  const Rules = [
    { Name: "prefix", Value: "in/" },
    { Name: "suffix", Value: ".png" },
  ];
  const notifications = {
    QueueConfigurations: [{ Event: "s3:ObjectCreated:*", Queue: arnOf("Created"), Filter: { S3Key: { Rules } } }],
  };
  const cloud = await runResources({ Created: queue("created"), Policy: policy("Created"), Images: images(notifications) });
  for (const key of ["in/a.png", "in/a.jpg", "out/a.png"]) await put(cloud, key);
  expect(await events(cloud, "created")).toEqual(["ObjectCreated:Put in/a.png"]);
});

test("the CDK's custom resource tells a topic and a function, without the function that would set it up", async () => {
  const cloud = await runCloud({
    assembly: writeAssembly(
      {
        shop: {
          Resources: {
            Images: { Type: "AWS::S3::Bucket", Properties: { BucketName: "images" } },
            Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "changes" } },
            Inbox: queue("inbox"),
            Subscription: {
              Type: "AWS::SNS::Subscription",
              Properties: { Protocol: "sqs", TopicArn: { Ref: "Topic" }, Endpoint: arnOf("Inbox"), RawMessageDelivery: true },
            },
            InboxPolicy: {
              Type: "AWS::SQS::QueuePolicy",
              Properties: {
                Queues: [{ Ref: "Inbox" }],
                PolicyDocument: {
                  Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: arnOf("Inbox") }],
                },
              },
            },
            TopicPolicy: {
              Type: "AWS::SNS::TopicPolicy",
              Properties: {
                Topics: [{ Ref: "Topic" }],
                PolicyDocument: {
                  Statement: [
                    {
                      Effect: "Allow",
                      Principal: { Service: "s3.amazonaws.com" },
                      Action: "sns:Publish",
                      Resource: { Ref: "Topic" },
                    },
                  ],
                },
              },
            },
            Thumbnails: lambda("thumbnails", "code"),
            Permission: {
              Type: "AWS::Lambda::Permission",
              Properties: { Action: "lambda:InvokeFunction", FunctionName: arnOf("Thumbnails"), Principal: "s3.amazonaws.com" },
            },
            Setter: {
              Type: "AWS::Lambda::Function",
              Properties: { Runtime: "python3.13", Handler: "index.handler", Code: { ZipFile: "def handler(): pass" } },
            },
            Notifications: {
              Type: "Custom::S3BucketNotifications",
              Properties: {
                ServiceToken: arnOf("Setter"),
                BucketName: { Ref: "Images" },
                NotificationConfiguration: {
                  TopicConfigurations: [{ Events: ["s3:ObjectRemoved:*"], TopicArn: { Ref: "Topic" } }],
                  LambdaFunctionConfigurations: [
                    {
                      Events: ["s3:ObjectCreated:*"],
                      LambdaFunctionArn: arnOf("Thumbnails"),
                      Filter: { Key: { FilterRules: [{ Name: "suffix", Value: ".png" }] } },
                    },
                  ],
                },
                Managed: true,
              },
            },
          },
        },
      },
      { code: codeFolder("export const handler = async ({ Records }) => console.log(Records[0].s3.object.key);") },
    ),
  });
  expect(cloud.missing).toEqual([]);
  await put(cloud, "a.png");
  await put(cloud, "a.jpg");
  await client(cloud).send(new DeleteObjectCommand({ Bucket: "images", Key: "a.png" }));
  expect(await events(cloud, "inbox")).toEqual(["ObjectRemoved:Delete a.png"]);
  const lines = cloud.activity.recent().flatMap((it) => (it.kind === "log" ? [it.line] : []));
  expect(lines).toEqual(["a.png"]);
});
