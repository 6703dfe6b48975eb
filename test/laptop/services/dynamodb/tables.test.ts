import { randomBytes } from "node:crypto";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteResourcePolicyCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteTransactionCommand,
  GetItemCommand,
  GetResourcePolicyCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientConfig, runResources, table } from "../../../support/cloud-support.ts";

test("a page of a megabyte comes through whole", async () => {
  const cloud = await runResources({ Orders: table("orders") });
  const client = new DynamoDBClient(clientConfig(cloud));
  const bodies = ["a", "b", "c"].map((pk) => ({ pk, body: randomBytes(150_000).toString("hex") }));
  for (const { pk, body } of bodies) {
    await client.send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: pk }, body: { S: body } } }));
  }
  const { Items = [] } = await client.send(new ScanCommand({ TableName: "orders" }));
  expect(Items.map((item) => ({ pk: item["pk"]?.S, body: item["body"]?.S }))).toEqual(bodies);
});

test("a table is named by its name or by its ARN, which is of this account and region", async () => {
  const cloud = await runResources({ Orders: table("orders") });
  const client = new DynamoDBClient(clientConfig(cloud));
  const { Table } = await client.send(new DescribeTableCommand({ TableName: "orders" }));
  expect(Table?.TableArn).toBe("arn:aws:dynamodb:us-east-1:000000000000:table/orders");
  const Item = { pk: { S: "1" }, arn: { S: Table?.TableArn ?? "" } };
  await client.send(new PutItemCommand({ TableName: Table?.TableArn, Item }));
  const { Items } = await client.send(new ScanCommand({ TableName: "orders" }));
  expect(Items).toEqual([Item]);
});

test("more calls at once than the gateway has connections are all answered", async () => {
  const cloud = await runResources({ Orders: table("orders") });
  const client = new DynamoDBClient(clientConfig(cloud));
  const put = (index: number) => client.send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: String(index) } } }));
  await Promise.all(Array.from({ length: 300 }, (_, index) => put(index)));
  expect((await cloud.status()).tables).toEqual([{ name: "orders", items: 300 }]);
});

test("a DynamoDB that does not answer is told by the table that needs it", async () => {
  const start = runResources({ Orders: table("orders") }, { dynamodb: "http://127.0.0.1:1" });
  await expect(start).rejects.toThrow(
    /^Orders in stack shop \(AWS::DynamoDB::Table\) cannot be created: The DynamoDB engine does not answer/,
  );
});

test.each(["SET naïve = :n", "SET n = :é", "#é", "日本"])(
  "the update expression %j, which ends the engine, is refused by the gateway",
  async (UpdateExpression) => {
    const cloud = await runResources({ Orders: table("orders") });
    const client = new DynamoDBClient(clientConfig(cloud));
    const update = {
      TableName: "orders",
      Key: { pk: { S: "é" } },
      UpdateExpression,
      ExpressionAttributeValues: { ":n": { S: "é" } },
    };
    const message = expect.stringMatching(/^Invalid UpdateExpression: Syntax error; token: "./);
    await expect(client.send(new UpdateItemCommand(update))).rejects.toMatchObject({ name: "ValidationException", message });
    const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Update: update }] });
    await expect(client.send(transaction)).rejects.toMatchObject({ name: "ValidationException", message });
    // Values and names beyond ASCII go their own ways, and those are open.
    const proper = { UpdateExpression: "SET #n = :n", ExpressionAttributeNames: { "#n": "naïve" } };
    await client.send(new UpdateItemCommand({ ...update, ...proper }));
    const { Items } = await client.send(new ScanCommand({ TableName: "orders" }));
    expect(Items).toEqual([{ pk: { S: "é" }, naïve: { S: "é" } }]);
  },
);

test("answers that the engine gets wrong are as DynamoDB's", async () => {
  const cloud = await runResources({ Orders: table("orders") });
  const client = new DynamoDBClient(clientConfig(cloud));
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName: "more",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
      SSESpecification: { Enabled: true },
    }),
  );
  expect(TableDescription).toMatchObject({
    DeletionProtectionEnabled: false,
    SSEDescription: { KMSMasterKeyArn: expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//) },
  });
  const RequestItems = { orders: [{ PutRequest: { Item: { other: { S: "a" } } } }] };
  await expect(client.send(new BatchWriteItemCommand({ RequestItems }))).rejects.toMatchObject({
    name: "ValidationException",
    message: "The provided key element does not match the schema",
  });
  const insert = ["a", "b"].map((pk) => ({ Statement: `INSERT INTO orders VALUE {'pk': '${pk}'}` }));
  expect((await client.send(new ExecuteTransactionCommand({ TransactStatements: insert }))).Responses).toEqual([]);
  const select = ["a", "z"].map((pk) => ({ Statement: `SELECT * FROM orders WHERE pk = '${pk}'` }));
  expect((await client.send(new ExecuteTransactionCommand({ TransactStatements: select }))).Responses).toEqual([
    { Item: { pk: { S: "a" } } },
    {},
  ]);
});

test.each([
  ["no table", "arn:aws:dynamodb:us-east-1:000000000000:table/others"],
  ["a table of another account", "arn:aws:dynamodb:us-east-1:111111111111:table/orders"],
  ["a table of another region", "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"],
  ["a queue", "arn:aws:sqs:us-east-1:000000000000:orders"],
])("a policy of %s is refused", async (_, ResourceArn) => {
  const client = new DynamoDBClient(clientConfig(await runResources({ Orders: table("orders") })));
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  await expect(client.send(new PutResourcePolicyCommand({ ResourceArn, Policy }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("a table of another account or region is not found, whatever it is called", async () => {
  const client = new DynamoDBClient(clientConfig(await runResources({ Orders: table("orders") })));
  const get = (TableName: string) => client.send(new GetItemCommand({ TableName, Key: { pk: { S: "a" } } }));
  for (const place of ["us-east-1:111111111111", "eu-west-1:000000000000"])
    await expect(get(`arn:aws:dynamodb:${place}:table/orders`)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(get("arn:aws:dynamodb:us-east-1:000000000000:table/orders")).resolves.toMatchObject({});
});

test("a table's policy is set, read and deleted through the API", async () => {
  const client = new DynamoDBClient(clientConfig(await runResources({ Orders: table("orders") })));
  const ResourceArn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
  const Statement = { Effect: "Allow", Principal: { AWS: "*" }, Action: "dynamodb:GetItem", Resource: ResourceArn };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  const { RevisionId } = await client.send(new PutResourcePolicyCommand({ ResourceArn, Policy }));
  expect(await client.send(new GetResourcePolicyCommand({ ResourceArn }))).toMatchObject({ Policy, RevisionId });
  const stale = new PutResourcePolicyCommand({ ResourceArn, Policy, ExpectedRevisionId: "0" });
  await expect(client.send(stale)).rejects.toMatchObject({ name: "PolicyNotFoundException" });
  await client.send(new DeleteResourcePolicyCommand({ ResourceArn }));
  const read = client.send(new GetResourcePolicyCommand({ ResourceArn }));
  await expect(read).rejects.toMatchObject({ name: "PolicyNotFoundException" });
  const bad = client.send(new PutResourcePolicyCommand({ ResourceArn, Policy: "{" }));
  await expect(bad).rejects.toMatchObject({ name: "ValidationException" });
});
