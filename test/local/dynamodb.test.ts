import { randomBytes } from "node:crypto";
import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientConfig, runResources, table } from "./cloud-support.ts";

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
