import { PutItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { engineOperations } from "#lib/laptop/services/s3/engine-request.ts";
import { s3Accesses } from "#lib/laptop/services/s3/accesses.ts";
import { clientConfig, lambda, runCloud, table, writeAssembly, codeFolder } from "../../support/cloud-support.ts";
import { accessesOf } from "./accesses-of.ts";
import { role } from "./templates.ts";

/** Nothing that is served may be done by somebody whom no policy allows it: of each operation, some access is derived. */

const request = { path: "/", query: "", method: "POST", headers: {}, body: Buffer.alloc(0), target: "", signedFor: "s3" };

test.for([...engineOperations, "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"])("S3 %s", (operation) => {
  const ofObject = /Object$|Upload|ObjectAttributes|Part/.test(operation);
  const input = { Bucket: "shop", ...(ofObject && { Key: "a" }), Delete: { Objects: [{ Key: "a" }] } };
  expect(s3Accesses({ operation, input, request })).not.toHaveLength(0);
});

test.for([
  ["GET", ""],
  ["GET", "/greet"],
  ["GET", "/greet/configuration"],
  ["GET", "/greet/policy"],
  ["POST", "/greet/policy"],
  ["DELETE", "/greet/policy/sid"],
  ["POST", "/greet/invocations"],
] as const)("Lambda %s /functions%s", ([method, path]) => {
  const url = `/2015-03-31/functions${path}`;
  expect(accessesOf("lambda", { method, url, headers: {}, operation: "", body: "" })).not.toHaveLength(0);
});

const TABLE = { TableName: "orders", Key: {}, Item: {}, ResourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/orders" };

test.for([
  ["dynamodb", ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"], TABLE],
  ["dynamodb", ["CreateTable", "DescribeTable", "UpdateTable", "DeleteTable", "ListTables", "TagResource"], TABLE],
  ["dynamodb", ["BatchGetItem"], { RequestItems: { orders: { Keys: [{}] } } }],
  ["dynamodb", ["BatchWriteItem"], { RequestItems: { orders: [{ PutRequest: { Item: {} } }] } }],
  ["dynamodb", ["TransactWriteItems"], { TransactItems: [{ Put: TABLE }] }],
  ["dynamodb", ["TransactGetItems"], { TransactItems: [{ Get: TABLE }] }],
  ["dynamodb", ["ExecuteStatement"], { Statement: 'SELECT*FROM "orders"' }],
  ["dynamodb", ["BatchExecuteStatement"], { Statements: [{ Statement: 'DELETE FROM "orders"WHERE pk = 1' }] }],
  ["dynamodb", ["ExecuteTransaction"], { TransactStatements: [{ Statement: "INSERT INTO orders VALUE {'pk':1}" }] }],
  ["ssm", ["GetParameter", "PutParameter", "DeleteParameter"], { Name: "/a" }],
  ["ssm", ["GetParameters"], { Names: ["/a"] }],
  ["ssm", ["GetParametersByPath"], { Path: "/a" }],
  [
    "sqs",
    ["SendMessage", "ReceiveMessage", "DeleteMessageBatch", "CreateQueue", "ListQueues"],
    { QueueName: "orders", QueueUrl: "http://127.0.0.1/000000000000/orders" },
  ],
] as const)("%s %j", ([api, operations, input]) => {
  for (const operation of operations) {
    const accesses = accessesOf(api, { method: "POST", url: "/", headers: {}, operation, body: JSON.stringify(input) });
    expect(accesses, operation).not.toHaveLength(0);
  }
});

test("three ways in that once were open are closed", async () => {
  const resources = {
    Clerk: role("clerk"),
    Orders: table("orders"),
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
    Greet: lambda("greet", "code"),
  };
  const code = codeFolder("export const handler = () => 'called'");
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources: resources } }, { code }) });
  const item = { TableName: "orders", Item: { pk: { S: "1" } } };
  await new DynamoDBClient(clientConfig(cloud)).send(new PutItemCommand(item));
  const { accessKeyId } = cloud.iam.credentialsOf("clerk");
  const call = async (service: string, path: string, headers: Record<string, string>, body: string): Promise<unknown> => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/${service}/aws4_request`;
    const { status } = await fetch(`${cloud.endpoint}${path}`, {
      method: "POST",
      headers: { authorization, ...headers },
      body,
    });
    return status;
  };
  const target = { "x-amz-target": "DynamoDB_20120810.ExecuteStatement" };
  for (const Statement of [
    'SELECT*FROM "orders"',
    "SELECT pk FROM \"orders\"WHERE pk='1'",
    "INSERT INTO\"orders\"VALUE{'pk':'2'}",
    "EXISTS(SELECT*FROM \"orders\"WHERE pk='1')",
  ])
    expect(await call("dynamodb", "/", target, JSON.stringify({ Statement })), Statement).toBe(400);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const publish = "Version=2010-03-31&Action=Publish&Message=m&TopicArn=arn:aws:sns:us-east-1:000000000000:events";
  expect(await call("sts", "/", form, publish)).toBe(400);
  // fetch takes plain dot segments out itself.
  for (const path of ["x%2F../greet/invocations", "%2e%2e%2Fgreet/invocations", "/greet/invocations"])
    expect([400, 403, 404]).toContain(await call("lambda", `/2015-03-31/functions/${path}`, {}, "{}"));
  expect(cloud.iam.accesses.filter(({ allowed, principal }) => allowed && principal.kind === "role")).toEqual([]);
});
