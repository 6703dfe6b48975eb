import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientConfig } from "../../../support/cloud-support.ts";
import { runApp } from "../run-app.ts";
import { ordersTableStream } from "./app.ts";

test("every state that an order is in goes from a table's stream through a FIFO queue into a second table, in order", async () => {
  const cloud = await runApp(ordersTableStream);
  const client = new DynamoDBClient(clientConfig(cloud));
  const { tables } = await cloud.status();
  const named = (id: string) => tables.find(({ name }) => name.startsWith(`OrdersTableStream-${id}`))?.name ?? "";
  const put = (orderId: string, state: string) =>
    client.send(
      new PutItemCommand({
        TableName: named("Orders"),
        Item: { orderId: { S: orderId }, customer: { S: "c1" }, state: { S: state } },
      }),
    );
  for (const state of ["placed", "paid", "sent", "delivered"]) {
    await put("1", state);
    await put("2", state);
  }
  await client.send(new DeleteItemCommand({ TableName: named("Orders"), Key: { orderId: { S: "2" } } }));
  await cloud.settled(20_000);

  const states = async (orderId: string) => {
    const query = { KeyConditionExpression: "orderId = :id", ExpressionAttributeValues: { ":id": { S: orderId } } };
    const { Items = [] } = await client.send(new QueryCommand({ TableName: named("History"), ...query }));
    return Items.map(({ state }) => state?.S);
  };
  expect(await states("1")).toEqual(["placed", "paid", "sent", "delivered"]);
  expect(await states("2")).toEqual(["placed", "paid", "sent", "delivered"]);
  const { Items } = await client.send(
    new QueryCommand({
      TableName: named("Orders"),
      IndexName: "by-customer",
      KeyConditionExpression: "customer = :customer",
      ExpressionAttributeValues: { ":customer": { S: "c1" } },
    }),
  );
  expect(Items).toMatchObject([{ orderId: { S: "1" }, state: { S: "delivered" } }]);
  expect(cloud.missing).toEqual([]);
});
