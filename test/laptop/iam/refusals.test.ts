import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { PublishBatchCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  DeleteMessageBatchCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, runResources, table } from "../../support/cloud-support.ts";
import { role } from "./templates.ts";

const HERE = "us-east-1:000000000000";
const QUEUE = `arn:aws:sqs:${HERE}:orders`;
const TOPIC = `arn:aws:sns:${HERE}:events`;
const TABLE = `arn:aws:dynamodb:${HERE}:table/orders`;
const USER = "arn:aws:sts::000000000000:assumed-role/clerk/local";

const resources = {
  Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } },
  Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
  Table: table("orders"),
  Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "papers" } },
  Parameter: { Type: "AWS::SSM::Parameter", Properties: { Name: "/shop/url", Type: "String", Value: "http://shop.example" } },
};

/** A cloud with one of each, and a client's settings to call it as a role that may do what the statements say. */
async function cloudFor(...statements: object[]): Promise<{ cloud: Cloud; config: ReturnType<typeof clientConfig> }> {
  const cloud = await runResources({ ...resources, Clerk: role("clerk", ...statements) });
  return { cloud, config: { ...clientConfig(cloud), credentials: cloud.iam.credentialsOf("clerk") } };
}

function allow(Action: string | string[], Resource: string): object {
  return { Effect: "Allow", Action, Resource };
}

const serviceError = v.object({ name: v.string(), message: v.string(), $metadata: v.object({ httpStatusCode: v.number() }) });

/** How a call was refused: the error's name, the status and the message. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => "not refused",
    (thrown: unknown) => thrown,
  );
  if (!v.is(serviceError, error)) return error;
  return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
}

describe("a call that no policy allows is refused as its service does on AWS", () => {
  const message = (action: string, resource: string) =>
    `User: ${USER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

  test("SQS", async () => {
    const { cloud, config } = await cloudFor(allow("sqs:ReceiveMessage", QUEUE));
    const sqs = new SQSClient(config);
    const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
    expect(await refusal(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" })))).toEqual({
      name: "AccessDenied",
      status: 403,
      message: message("sqs:sendmessage", QUEUE),
    });
    const Entries = [{ Id: "1", ReceiptHandle: "x" }];
    expect(await refusal(sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })))).toMatchObject({
      message: message("sqs:deletemessage", QUEUE),
    });
    expect(cloud.queues.look("orders").messages).toEqual([]);
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  });

  test("SNS", async () => {
    const { config } = await cloudFor();
    const sns = new SNSClient(config);
    const expected = { name: "AuthorizationErrorException", status: 403, message: message("SNS:Publish", TOPIC) };
    expect(await refusal(sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "m" })))).toEqual(expected);
    const PublishBatchRequestEntries = [{ Id: "1", Message: "m" }];
    expect(await refusal(sns.send(new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries })))).toEqual(expected);
  });

  test("DynamoDB: a transaction by its parts, a batch by its own action", async () => {
    const { config } = await cloudFor(allow(["dynamodb:PutItem", "dynamodb:Query"], TABLE));
    const dynamodb = new DynamoDBClient(config);
    const TableName = "orders";
    const pk = { pk: { S: "1" } };
    const denied = (action: string, resource = TABLE) => ({
      name: "AccessDeniedException",
      status: 400,
      message: message(action, resource),
    });

    await dynamodb.send(new PutItemCommand({ TableName, Item: pk }));
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: pk } }] }));
    expect(await refusal(dynamodb.send(new GetItemCommand({ TableName, Key: pk })))).toEqual(denied("dynamodb:GetItem"));
    const TransactItems = [{ Put: { TableName, Item: pk } }, { Delete: { TableName, Key: { pk: { S: "2" } } } }];
    expect(await refusal(dynamodb.send(new TransactWriteItemsCommand({ TransactItems })))).toEqual(
      denied("dynamodb:DeleteItem"),
    );
    const RequestItems = { orders: [{ PutRequest: { Item: pk } }] };
    expect(await refusal(dynamodb.send(new BatchWriteItemCommand({ RequestItems })))).toEqual(
      denied("dynamodb:BatchWriteItem"),
    );
    const query = { TableName, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: "1" } } };
    await dynamodb.send(new QueryCommand(query));
    expect(await refusal(dynamodb.send(new QueryCommand({ ...query, IndexName: "byDate" })))).toEqual(
      denied("dynamodb:Query", `${TABLE}/index/byDate`),
    );
  });

  test("S3", async () => {
    const { config } = await cloudFor(allow("s3:PutObject", "arn:aws:s3:::papers/in/*"));
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: "papers", Key, Body: "x" }));
    await put("in/1");
    expect(await refusal(put("out/1"))).toEqual({
      name: "AccessDenied",
      status: 403,
      message: message("s3:PutObject", '"arn:aws:s3:::papers/out/1"'),
    });
    const get = new GetObjectCommand({ Bucket: "papers", Key: "in/1" });
    expect(await refusal(s3.send(get))).toMatchObject({ name: "AccessDenied" });
  });

  test("SSM, for one name and for several", async () => {
    const { config } = await cloudFor(allow("ssm:GetParameters", `arn:aws:ssm:${HERE}:parameter/shop/*`));
    const ssm = new SSMClient(config);
    expect(await refusal(ssm.send(new GetParameterCommand({ Name: "/shop/url" })))).toEqual({
      name: "AccessDeniedException",
      status: 400,
      message: message("ssm:GetParameter", `arn:aws:ssm:${HERE}:parameter/shop/url`),
    });
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: ["/shop/url"] }));
    expect(Parameters).toHaveLength(1);
    expect(await refusal(ssm.send(new GetParametersCommand({ Names: ["/shop/url", "/bank/url"] })))).toMatchObject({
      message: message("ssm:GetParameters", `arn:aws:ssm:${HERE}:parameter/bank/url`),
    });
  });

  test("SES: allowed on the domain of the sender", async () => {
    const { cloud, config } = await cloudFor(allow("ses:SendEmail", `arn:aws:ses:${HERE}:identity/shop.example`));
    const ses = new SESv2Client(config);
    const mail = (FromEmailAddress: string) => ({
      FromEmailAddress,
      Destination: { ToAddresses: ["a@b.example"] },
      Content: { Simple: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } } } },
    });
    await ses.send(new SendEmailCommand(mail("Shop <orders@shop.example>")));
    expect(await refusal(ses.send(new SendEmailCommand(mail("orders@bank.example"))))).toEqual({
      name: "AccessDeniedException",
      status: 403,
      message: `User \`${USER}' is not authorized to perform \`ses:SendEmail' on resource \`arn:aws:ses:${HERE}:identity/orders@bank.example'`,
    });
    expect(cloud.mailbox.sent).toBe(1);
  });

  test("Lambda", async () => {
    const { config } = await cloudFor();
    expect(await refusal(new LambdaClient(config).send(new InvokeCommand({ FunctionName: "greet" })))).toEqual({
      name: "AccessDeniedException",
      status: 403,
      message: message("lambda:InvokeFunction", `arn:aws:lambda:${HERE}:function:greet`),
    });
  });

  test("an explicit deny says so", async () => {
    const { cloud, config } = await cloudFor(allow("sqs:*", QUEUE), {
      Effect: "Deny",
      Action: "sqs:SendMessage",
      Resource: "*",
    });
    const send = new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/orders`, MessageBody: "m" });
    expect(await refusal(new SQSClient(config).send(send))).toMatchObject({
      message: `User: ${USER} is not authorized to perform: sqs:sendmessage on resource: ${QUEUE} with an explicit deny in an identity-based policy`,
    });
  });
});

test("a call that does not say how long its body is has to pass the policies like any other", async () => {
  const { cloud } = await cloudFor();
  const { accessKeyId } = cloud.iam.credentialsOf("clerk");
  const answer = await fetch(cloud.endpoint, {
    method: "POST",
    headers: {
      "x-amz-target": "DynamoDB_20120810.TransactWriteItems",
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/dynamodb/aws4_request`,
    },
    body: new Blob(['{"TransactItems":[{"Put":{"TableName":"orders","Item":{"pk":{"S":"1"}}}}]}']).stream(),
    duplex: "half",
  });
  expect(await answer.json()).toMatchObject({ __type: "AccessDeniedException" });
});

test("somebody with a key of their own is the account's administrator, whom only a deny for everybody stops", async () => {
  const cloud = await runResources({
    ...resources,
    Clerk: role("clerk"),
    Policy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "Queue" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: { Effect: "Deny", Principal: "*", Action: "sqs:PurgeQueue", Resource: QUEUE },
        },
      },
    },
  });
  const sqs = new SQSClient(clientConfig(cloud));
  const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
  expect(await refusal(sqs.send(new PurgeQueueCommand({ QueueUrl })))).toMatchObject({ name: "AccessDenied" });
});
