import {
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  TagResourceCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientConfig, runResources, table } from "../../../support/cloud-support.ts";
import { role } from "../../iam/templates.ts";
import { StreamsClient } from "./streams.ts";

const ORDERS = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const STREAM = { StreamSpecification: { StreamViewType: "KEYS_ONLY" } };

/** Clients of a cloud with the tables `orders` and `mine`: the administrator, and a role that may do what the statements say. */
async function clientsFor(...statements: object[]) {
  const cloud = await runResources({
    Orders: table("orders", STREAM),
    Mine: table("mine"),
    Clerk: role("clerk", ...statements),
  });
  const credentials = cloud.iam.credentialsOf("clerk");
  const administrator = new DynamoDBClient(clientConfig(cloud));
  const clerk = new DynamoDBClient({ ...clientConfig(cloud), credentials });
  for (const TableName of ["orders", "mine"])
    await administrator.send(new PutItemCommand({ TableName, Item: { pk: { S: "a" }, card: { S: "4111" } } }));
  return { cloud, administrator, clerk, credentials };
}

/** A statement that cannot be read is refused before DynamoDB has a say in it. */
const refused = { name: expect.stringMatching(/^AccessDenied(Exception)?$/) };

test.each([
  'SELECT*FROM "orders"',
  `SELECT * FROM "orders"WHERE pk='a'`,
  "SELECT * FROM 'orders'",
  `INSERT INTO"orders"VALUE{'pk':'b'}`,
  `UPDATE"orders"SET card='0' WHERE pk='a'`,
  `DELETE FROM"orders"WHERE pk='a'`,
  `EXISTS(SELECT * FROM "orders" WHERE pk='a')`,
])("a role that may use another table alone cannot run %s", async (Statement) => {
  const { administrator, clerk } = await clientsFor({
    Effect: "Allow",
    Action: "dynamodb:*",
    Resource: ORDERS.replace("orders", "mine"),
  });
  await expect(clerk.send(new ExecuteStatementCommand({ Statement }))).rejects.toMatchObject(refused);
  const TransactStatements = [{ Statement }];
  await expect(clerk.send(new ExecuteTransactionCommand({ TransactStatements }))).rejects.toMatchObject(refused);
  const { Items } = await clerk.send(new ExecuteStatementCommand({ Statement: 'SELECT*FROM "mine"' }));
  expect(Items).toHaveLength(1);
  const { Items: untouched } = await administrator.send(new ExecuteStatementCommand({ Statement: 'SELECT*FROM "orders"' }));
  expect(untouched).toEqual([{ pk: { S: "a" }, card: { S: "4111" } }]);
});

test("a role that may read some partition keys alone reads those, one by one, by query, by statement and in transactions", async () => {
  const { clerk } = await clientsFor({
    Effect: "Allow",
    Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PartiQLSelect", "dynamodb:PutItem"],
    Resource: ORDERS,
    Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a"] } },
  });
  const TableName = "orders";
  const get = (pk: string) => clerk.send(new GetItemCommand({ TableName, Key: { pk: { S: pk } } }));
  const query = (pk: string) =>
    clerk.send(
      new QueryCommand({ TableName, KeyConditionExpression: "pk = :a", ExpressionAttributeValues: { ":a": { S: pk } } }),
    );
  const select = (where: string) => clerk.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM orders ${where}` }));
  const transact = (...keys: string[]) =>
    clerk.send(
      new TransactWriteItemsCommand({ TransactItems: keys.map((pk) => ({ Put: { TableName, Item: { pk: { S: pk } } } })) }),
    );
  expect((await get("a")).Item).toBeDefined();
  expect((await query("a")).Items).toHaveLength(1);
  expect((await select("WHERE pk = 'a'")).Items).toHaveLength(1);
  await transact("a");
  for (const call of [get("b"), query("b"), select("WHERE pk = 'b'"), select(""), transact("a", "b")])
    await expect(call).rejects.toMatchObject(refused);
});

test("a role that may read some attributes alone has to name them", async () => {
  const { clerk } = await clientsFor({
    Effect: "Allow",
    Action: "dynamodb:GetItem",
    Resource: ORDERS,
    Condition: {
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ["pk", "amount"] },
      StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
    },
  });
  const get = (ProjectionExpression?: string, names?: Record<string, string>) =>
    clerk.send(
      new GetItemCommand({
        TableName: "orders",
        Key: { pk: { S: "a" } },
        ...(ProjectionExpression && { ProjectionExpression }),
        ...(names && { ExpressionAttributeNames: names }),
      }),
    );
  expect((await get("pk, amount")).Item).toEqual({ pk: { S: "a" } });
  for (const call of [get(), get("card"), get("pk, #c", { "#c": "card" })]) await expect(call).rejects.toMatchObject(refused);
});

test("a stream is read by a role that may read it, and by no other", async () => {
  const actions = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"];
  const reader = await clientsFor({ Effect: "Allow", Action: actions, Resource: `${ORDERS}/stream/*` });
  const position = { ShardIteratorType: "TRIM_HORIZON" };
  const arn = await new StreamsClient(reader.cloud).arnOf("orders");
  const streams = new StreamsClient(reader.cloud, reader.credentials);
  const iterator = await streams.iterator(arn, position);
  expect((await streams.records(iterator)).Records).toHaveLength(1);

  const other = await clientsFor({
    Effect: "Allow",
    Action: actions,
    Resource: `${ORDERS.replace("orders", "mine")}/stream/*`,
  });
  const otherArn = await new StreamsClient(other.cloud).arnOf("orders");
  const ShardIterator = await new StreamsClient(other.cloud).iterator(otherArn, position);
  const denied = { __type: expect.stringMatching(/AccessDeniedException$/) };
  expect(await new StreamsClient(other.cloud, other.credentials).call("GetRecords", { ShardIterator })).toMatchObject(denied);
  expect(await new StreamsClient(other.cloud, other.credentials).call("DescribeStream", { StreamArn: otherArn })).toMatchObject(
    denied,
  );
});

test("tags of a table count as soon as they are set", async () => {
  const { administrator, clerk } = await clientsFor({
    Effect: "Allow",
    Action: "dynamodb:GetItem",
    Resource: "*",
    Condition: { StringEquals: { "aws:ResourceTag/team": "shop" } },
  });
  const get = () => clerk.send(new GetItemCommand({ TableName: "orders", Key: { pk: { S: "a" } } }));
  await expect(get()).rejects.toMatchObject(refused);
  await administrator.send(new TagResourceCommand({ ResourceArn: ORDERS, Tags: [{ Key: "team", Value: "shop" }] }));
  expect((await get()).Item).toBeDefined();
});

test("a policy that is set on a table through the API counts as one of a template", async () => {
  const { administrator, clerk } = await clientsFor({ Effect: "Allow", Action: "dynamodb:*", Resource: "*" });
  const get = () => clerk.send(new GetItemCommand({ TableName: "orders", Key: { pk: { S: "a" } } }));
  expect((await get()).Item).toBeDefined();
  const Statement = { Effect: "Deny", Principal: "*", Action: "dynamodb:GetItem", Resource: ORDERS };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await administrator.send(new PutResourcePolicyCommand({ ResourceArn: ORDERS, Policy }));
  await expect(get()).rejects.toMatchObject(refused);
});

const KEY = { pk: { S: "a" } };
const MINE = "SELECT * FROM mine WHERE pk='a'";
const THEIRS = "SELECT * FROM orders WHERE pk='a'";

test.each([
  ["TransactGetItems", { TransactItems: [{ Get: { TableName: "mine", Key: KEY } }, { Get: ["orders", KEY] }] }],
  ["TransactGetItems", { TransactItems: [{ Get: { TableName: "mine", Key: KEY } }, [{ TableName: "orders", Key: KEY }]] }],
  [
    "TransactWriteItems",
    { TransactItems: [{ Put: { TableName: "mine", Item: KEY } }, [null, null, { TableName: "orders", Key: KEY }, null]] },
  ],
  ["BatchExecuteStatement", { Statements: [{ Statement: MINE }, [THEIRS]] }],
  ["ExecuteTransaction", { TransactStatements: [{ Statement: MINE }, [THEIRS]] }],
])("a %s does not reach another table through a list in the place of a structure", async (operation, input) => {
  const { cloud, administrator, credentials } = await clientsFor({
    Effect: "Allow",
    Action: "dynamodb:*",
    Resource: ORDERS.replace("orders", "mine"),
  });
  const answer = await callAs(cloud, credentials, operation, input);
  expect(answer).toMatchObject({ __type: "SerializationException" });
  const { Item } = await administrator.send(new GetItemCommand({ TableName: "orders", Key: KEY }));
  expect(Item).toBeDefined();
});

test.each([
  "SELECT * FROM orders WHERE pk BETWEEN '0' AND pk = 'b'",
  "SELECT * FROM orders WHERE card BETWEEN '0' AND pk = 'b'",
  "INSERT INTO orders VALUE {'pk': 'b', pk: 'c'}",
  `INSERT INTO orders VALUE {'pk': 'b', "pk": 'c'}`,
])("a role that may use one partition key alone cannot run %s", async (Statement) => {
  const { clerk } = await clientsFor({
    Effect: "Allow",
    Action: "dynamodb:*",
    Resource: ORDERS,
    Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["b"] } },
  });
  await expect(clerk.send(new ExecuteStatementCommand({ Statement }))).rejects.toMatchObject(refused);
  await clerk.send(
    new ExecuteStatementCommand({ Statement: "SELECT * FROM orders WHERE pk = 'b' AND card BETWEEN '0' AND '9'" }),
  );
});

test("a role that may write some partition keys alone writes no other in a batch with a list in the place of a structure", async () => {
  const { cloud, credentials } = await clientsFor({
    Effect: "Allow",
    Action: "dynamodb:*",
    Resource: ORDERS,
    Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["b"] } },
  });
  const writes = { RequestItems: { orders: [{ DeleteRequest: [KEY] }] } };
  expect(await callAs(cloud, credentials, "BatchWriteItem", writes)).toMatchObject({ __type: "SerializationException" });
  const reads = { RequestItems: { orders: [[KEY]] } };
  expect(await callAs(cloud, credentials, "BatchGetItem", reads)).toMatchObject({ __type: "SerializationException" });
});

test("a denied table is denied under the ARN of another region or account too", async () => {
  const { clerk } = await clientsFor(
    { Effect: "Allow", Action: "dynamodb:*", Resource: "*" },
    { Effect: "Deny", Action: "dynamodb:*", Resource: ORDERS },
  );
  for (const TableName of [ORDERS.replace("us-east-1", "eu-west-1"), ORDERS.replace("000000000000", "111111111111")]) {
    await expect(clerk.send(new GetItemCommand({ TableName, Key: KEY }))).rejects.toMatchObject(refused);
    const tagging = new TagResourceCommand({ ResourceArn: TableName, Tags: [{ Key: "a", Value: "b" }] });
    await expect(clerk.send(tagging)).rejects.toMatchObject(refused);
  }
});

test.each([
  (label: string) => `table/orders/stream/${label}`,
  (label: string) => `arn:aws:table/orders/stream/${label}`,
  (label: string) => `arn:x/orders/stream/${label}/:d:e:table/mine/stream/1`,
])("a stream is not reached by a text that is no ARN (%#)", async (textOf) => {
  const { cloud, administrator, credentials } = await clientsFor(
    { Effect: "Allow", Action: "dynamodb:*", Resource: "*" },
    { Effect: "Deny", Action: "dynamodb:*", Resource: `${ORDERS}*` },
  );
  const { Table } = await administrator.send(new DescribeTableCommand({ TableName: "orders" }));
  const StreamArn = textOf(Table?.LatestStreamLabel ?? "");
  expect(await new StreamsClient(cloud, credentials).call("DescribeStream", { StreamArn })).toMatchObject({
    __type: "AccessDeniedException",
  });
});

async function callAs(
  { endpoint }: { endpoint: string },
  { accessKeyId }: { accessKeyId: string },
  operation: string,
  input: object,
): Promise<unknown> {
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/dynamodb/aws4_request`;
  const headers = { authorization, "x-amz-target": `DynamoDB_20120810.${operation}` };
  return (await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) })).json();
}
