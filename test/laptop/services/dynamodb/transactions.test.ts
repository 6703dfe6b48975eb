import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import {
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { EngineTransport } from "#lib/laptop/services/dynamodb/engine/socket-transport.ts";
import { clientConfig, runResources, table } from "../../../support/cloud-support.ts";

const put = (pk: string, ConditionExpression?: string) => ({
  Put: { TableName: "orders", Item: { pk: { S: pk } }, ...(ConditionExpression === undefined ? {} : { ConditionExpression }) },
});
const add = (pk: string) => ({
  Update: {
    TableName: "orders",
    Key: { pk: { S: pk } },
    UpdateExpression: "ADD amount :one",
    ExpressionAttributeValues: { ":one": { N: "1" } },
  },
});

async function ordersTable() {
  const cloud = await runResources({ Orders: table("orders") });
  return new DynamoDBClient(clientConfig(cloud));
}

async function amount(client: DynamoDBClient, pk: string) {
  const { Item } = await client.send(new GetItemCommand({ TableName: "orders", Key: { pk: { S: pk } } }));
  return Item?.["amount"]?.N;
}

test("a transaction sent twice under one token is carried out once", async () => {
  const client = await ordersTable();
  const command = () => new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems: [add("a")] });
  await client.send(command());
  await client.send(command());
  expect(await amount(client, "a")).toBe("1");
});

test("a transaction sent again under its token with attributes in another order is the same", async () => {
  const client = await ordersTable();
  const send = (...names: string[]) => {
    const Item = { pk: { S: "a" }, ...Object.fromEntries(names.map((name) => [name, { S: name }])) };
    const TransactItems = [{ Put: { TableName: "orders", Item } }, add("b")];
    return client.send(new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems }));
  };
  await send("x", "y");
  await send("y", "x");
  expect(await amount(client, "b")).toBe("1");
  await expect(send("x", "z")).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
});

test("a token is forgotten after 10 minutes", async () => {
  const cloud = await runResources({ Orders: table("orders") });
  const client = new DynamoDBClient(clientConfig(cloud));
  const send = () => client.send(new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems: [add("a")] }));
  await send();
  cloud.clock.advance(9 * 60_000);
  await send();
  expect(await amount(client, "a")).toBe("1");
  cloud.clock.advance(2 * 60_000);
  await send();
  expect(await amount(client, "a")).toBe("2");
});

test("a transaction under a token may name its tables by their ARNs", async () => {
  const client = await ordersTable();
  const { Update } = add("a");
  const TableName = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
  const TransactItems = [{ Update: { ...Update, TableName } }];
  await client.send(new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems }));
  expect(await amount(client, "a")).toBe("1");
});

test("another transaction under a used token is refused", async () => {
  const client = await ordersTable();
  await client.send(new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems: [add("a")] }));
  const other = client.send(new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems: [add("b")] }));
  await expect(other).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
  expect(await amount(client, "b")).toBeUndefined();
});

test("a transaction that was cancelled runs again under its token", async () => {
  const client = await ordersTable();
  const command = () =>
    new TransactWriteItemsCommand({ ClientRequestToken: "token", TransactItems: [add("b"), put("a", "attribute_exists(pk)")] });
  await expect(client.send(command())).rejects.toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed" }],
  });
  await client.send(new TransactWriteItemsCommand({ TransactItems: [put("a")] }));
  await client.send(command());
  expect(await amount(client, "b")).toBe("1");
});

test("of two transactions at once on one item the second is cancelled, and of two at once under one token the second waits its turn", async () => {
  const engine = await heldEngine();
  const cloud = await runResources({ Orders: table("orders") }, { dynamodb: engine.endpoint });
  const client = new DynamoDBClient(clientConfig(cloud));
  const first = client.send(
    new TransactWriteItemsCommand({ ClientRequestToken: "first", TransactItems: [put("b"), put("a")] }),
  );
  await engine.transactionArrived;

  const second = client.send(new TransactWriteItemsCommand({ TransactItems: [put("c"), add("a")] }));
  await expect(second).rejects.toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" }],
  });
  const again = client.send(
    new TransactWriteItemsCommand({ ClientRequestToken: "first", TransactItems: [put("b"), put("a")] }),
  );
  await expect(again).rejects.toMatchObject({ name: "TransactionInProgressException" });

  engine.release();
  await first;
  await client.send(new TransactWriteItemsCommand({ TransactItems: [put("c"), add("a")] }));
  expect(await amount(client, "a")).toBe("1");
});

test("point-in-time recovery reads as the template and later calls set it", async () => {
  const specification = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } };
  const cloud = await runResources({ Orders: table("orders", specification) });
  const client = new DynamoDBClient(clientConfig(cloud));
  const off = new UpdateContinuousBackupsCommand({
    TableName: "orders",
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
  });
  const { ContinuousBackupsDescription } = await client.send(off);
  expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe("DISABLED");
});

/** The engine behind a door that holds transactions back until it is told to let them through. */
async function heldEngine() {
  const engine = await startDynoxide({ onDeath: () => {} });
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const upstream = new EngineTransport(engine.address);
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray());
    const target = String(request.headers["x-amz-target"]);
    if (target.endsWith(".TransactWriteItems")) {
      arrived.resolve();
      await released.promise;
    }
    const answer = await upstream.send(target, body);
    response.writeHead(answer.status).end(answer.body);
  };
  const door = createServer((request, response) => void pass(request, response));
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const address = door.address();
  onTestFinished(async () => {
    door.closeAllConnections();
    door.close();
    upstream.close();
    await engine.stop();
  });
  const port = typeof address === "object" && address ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, transactionArrived: arrived.promise, release: () => released.resolve() };
}
