import { describe, expect, test } from "vitest";
import { dynamodbAccesses } from "#lib/laptop/services/dynamodb/accesses/accesses.ts";
import type { KnownTable } from "#lib/laptop/services/dynamodb/tables.ts";

/*
 * Which action on which resource a call needs, and the condition keys that it has: service authorization reference, "Amazon DynamoDB";
 * developer guide, "Using IAM with DynamoDB transactions", "IAM policies for PartiQL", "Using IAM policy conditions".
 */

const table = "arn:aws:dynamodb:us-east-1:000000000000:table/";
const stream = `${table}orders/stream/2026-11-20T19:21:28.685`;

const orders: KnownTable = {
  key: ["pk", "sk"],
  indexes: new Map([["byDay", ["day", "pk"]]]),
  tags: new Map([["Team", "shop"]]),
};
const tables = { known: (name: string) => (name === "orders" ? orders : undefined) };

const accessesOf = (operation: string, input: object) => dynamodbAccesses(operation, { ...input }, tables);

const needed = (operation: string, input: object) =>
  accessesOf(operation, input).map(({ action, resources: [resource] }) => [
    action.slice("dynamodb:".length),
    resource.replace(table, ""),
  ]);

test.for([
  ["GetItem", { TableName: "orders" }, [["GetItem", "orders"]]],
  ["GetItem", { TableName: `${table}orders` }, [["GetItem", "orders"]]],
  ["Query", { TableName: "orders", IndexName: "byDay" }, [["Query", "orders/index/byDay"]]],
  [
    "BatchGetItem",
    { RequestItems: { a: {}, b: {} } },
    [
      ["BatchGetItem", "a"],
      ["BatchGetItem", "b"],
    ],
  ],
  ["BatchWriteItem", { RequestItems: { a: [] } }, [["BatchWriteItem", "a"]]],
  [
    "TransactWriteItems",
    {
      TransactItems: [
        { Put: { TableName: "a" } },
        { Put: { TableName: "a" } },
        { Update: { TableName: "a" } },
        { Delete: { TableName: "b" } },
        { ConditionCheck: { TableName: "b" } },
      ],
    },
    [
      ["PutItem", "a"],
      ["UpdateItem", "a"],
      ["DeleteItem", "b"],
      ["ConditionCheckItem", "b"],
    ],
  ],
  ["TransactGetItems", { TransactItems: [{ Get: { TableName: "a" } }] }, [["GetItem", "a"]]],
  ["ListTables", {}, [["ListTables", "*"]]],
  ["ListStreams", { TableName: "orders" }, [["ListStreams", "*"]]],
  ["DescribeStream", { StreamArn: stream }, [["DescribeStream", stream.replace(table, "")]]],
  ["GetShardIterator", { StreamArn: stream }, [["GetShardIterator", stream.replace(table, "")]]],
  ["GetRecords", { ShardIterator: `${stream}|1|AAAA` }, [["GetRecords", stream.replace(table, "")]]],
  ["CreateTable", { TableName: "orders" }, [["CreateTable", "orders"]]],
  [
    "CreateTable",
    { TableName: "orders", Tags: [{ Key: "a", Value: "b" }], ResourcePolicy: "{}" },
    [
      ["CreateTable", "orders"],
      ["TagResource", "orders"],
      ["PutResourcePolicy", "orders"],
    ],
  ],
  ["TagResource", { ResourceArn: `${table}orders` }, [["TagResource", "orders"]]],
] as const)("%s %j", ([operation, input, expected]) => {
  expect(needed(operation, input)).toEqual(expected);
});

test.each(["ImportTable", "ExportTableToPointInTime", "CreateGlobalTable", "CreateBackup", "GetEverything", ""])(
  "nothing is derived from %j, which is not served, so that it is refused",
  (operation) => {
    expect(needed(operation, { TableName: "orders", ResourceArn: "*" })).toEqual([]);
  },
);

test.each([{}, { ShardIterator: "AAAA" }, { ShardIterator: ["a|1|b"] }])(
  "nothing is derived from GetRecords with %j, which names no stream",
  (input) => {
    expect(needed("GetRecords", input)).toEqual([]);
  },
);

describe("PartiQL", () => {
  test.for([
    ['SELECT*FROM "orders"', [["PartiQLSelect", "orders"]]],
    [`select * from "orders"WHERE pk='x'`, [["PartiQLSelect", "orders"]]],
    ['SELECT pk FROM"my.orders"."by-date"', [["PartiQLSelect", "my.orders/index/by-date"]]],
    ["SELECT pk.from, day FROM orders.byDay o", [["PartiQLSelect", "orders/index/byDay"]]],
    ['SELECT pk -- FROM "mine"\n FROM /* "mine" */ "orders"', [["PartiQLSelect", "orders"]]],
    [`SELECT "a "" FROM mine" FROM "orders"`, [["PartiQLSelect", "orders"]]],
    [`EXISTS(SELECT * FROM "orders" WHERE pk = 'x')`, [["PartiQLSelect", "orders"]]],
    [
      `UPDATE "orders" SET a = 1 WHERE pk IN (SELECT pk FROM "secret")`,
      [
        ["PartiQLUpdate", "orders"],
        ["PartiQLSelect", "secret"],
      ],
    ],
    [`INSERT INTO"orders"VALUE{'pk':'x'}`, [["PartiQLInsert", "orders"]]],
    ["insert into orders value {'pk': 'x'' FROM secret'}", [["PartiQLInsert", "orders"]]],
    [`UPDATE orders SET a = ' FROM b ' WHERE pk = 'x'`, [["PartiQLUpdate", "orders"]]],
    [`DELETE FROM"orders"WHERE pk='x' RETURNING ALL OLD *`, [["PartiQLDelete", "orders"]]],
  ] as const)("%s", ([Statement, expected]) => {
    expect(needed("ExecuteStatement", { Statement })).toEqual(expected);
  });

  test.each([
    "",
    "SELECT * FROM",
    "SELECT * FROM 'orders'",
    "SELECT * FROM `orders`",
    'SELECT * FROM "orders',
    'SELECT * FROM "or""ders"',
    "SELECT * FROM mine, orders",
    "SELECT * FROM mine JOIN orders",
    "SELECT 'x' FROM mine ' FROM orders",
    "SELECT pk, 'a' FROM orders",
    "SELECT pk FROM mine FROM orders",
    "SELECT * FROM orders.byDay.more",
    "SELECT * FROM orders WHERE (pk = 'x'",
    "SELECT * FROM orders /* x",
    "UPDATE SET a = 1",
    "DROP TABLE orders",
    "EXISTS()",
  ])("nothing is derived from the statement %j, which cannot be read, so that it is refused", (Statement) => {
    expect(needed("ExecuteStatement", { Statement })).toEqual([]);
  });

  test("a batch or transaction with one statement that cannot be read is refused as a whole", () => {
    const statements = [{ Statement: "DELETE FROM orders WHERE pk = '1'" }, { Statement: "?" }];
    expect(needed("BatchExecuteStatement", { Statements: statements })).toEqual([]);
    expect(needed("ExecuteTransaction", { TransactStatements: statements })).toEqual([]);
    expect(needed("ExecuteTransaction", { TransactStatements: statements.slice(0, 1) })).toEqual([["PartiQLDelete", "orders"]]);
  });
});

describe("condition keys", () => {
  const TableName = "orders";
  const Key = { pk: { S: "a" }, sk: { S: "1" } };
  const values = (operation: string, input: object, key: string) =>
    accessesOf(operation, input).map(({ context }) => context?.(`dynamodb:${key}`.toLowerCase()));

  test.for([
    ["GetItem", { TableName, Key }, ["a"]],
    ["PutItem", { TableName, Item: { total: { N: "1" }, ...Key } }, ["a"]],
    ["BatchGetItem", { RequestItems: { orders: { Keys: [Key, { ...Key, pk: { S: "b" } }] } } }, ["a", "b"]],
    [
      "BatchWriteItem",
      { RequestItems: { orders: [{ PutRequest: { Item: Key } }, { DeleteRequest: { Key: { ...Key, pk: { S: "b" } } } }] } },
      ["a", "b"],
    ],
    [
      "TransactWriteItems",
      { TransactItems: [{ Put: { TableName, Item: Key } }, { Put: { TableName, Item: { ...Key, pk: { N: "7" } } } }] },
      ["a", "7"],
    ],
    ["Query", queryOf("pk = :a AND sk = :b"), ["a"]],
    ["Query", queryOf("(#p = :a) AND begins_with(sk, :b)"), ["a"]],
    ["Query", queryOf(":b = sk AND :a = pk"), ["a"]],
    ["Query", { ...queryOf("day = :a AND pk = :b"), IndexName: "byDay" }, ["a"]],
    ["Query", { TableName, KeyConditions: { pk: { ComparisonOperator: "EQ", AttributeValueList: [{ S: "a" }] } } }, ["a"]],
    ["Query", queryOf("sk = :b"), undefined],
    ["Query", { ...queryOf("pk = :a"), TableName: "elsewhere" }, ["a"]],
    ["Query", { ...queryOf("pk = :a AND sk = :b"), TableName: "elsewhere" }, undefined],
    ["PutItem", { TableName: "elsewhere", Item: Key }, undefined],
    ["Scan", { TableName }, []],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders WHERE pk = 'a' AND sk > '1'" }, ["a"]],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders WHERE pk IN ('a', ?)", Parameters: [{ S: "b" }] }, ["a", "b"]],
    ["ExecuteStatement", { Statement: "INSERT INTO orders VALUE {'pk': 'a', 'm': {'pk': 'b'}}" }, ["a"]],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders WHERE pk = 'a' OR sk = '1'" }, undefined],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders" }, undefined],
  ] as const)("LeadingKeys of %s %j are %j", ([operation, input, expected]) => {
    expect(values(operation, input, "LeadingKeys")).toEqual([expected]);
  });

  test.for([
    ["GetItem", { TableName, Key, ProjectionExpression: "#t, lines[0].sku", ExpressionAttributeNames: { "#t": "total" } }],
    ["GetItem", { TableName, Key, AttributesToGet: ["total", "lines"] }],
    [
      "UpdateItem",
      {
        TableName,
        Key,
        UpdateExpression: "SET #t = if_not_exists(total, :one) REMOVE lines[1]",
        ConditionExpression: "attribute_exists(pk) AND size(lines) > :one",
        ExpressionAttributeNames: { "#t": "total" },
      },
    ],
    ["PutItem", { TableName, Item: { ...Key, total: { N: "1" }, lines: { L: [] } } }],
    ["DeleteItem", { TableName, Key, Expected: { total: {}, lines: {} } }],
    [
      "ExecuteStatement",
      { Statement: `UPDATE orders SET total = size(lines) WHERE pk = 'a' AND sk = 'b' AND lines[0].sku <> 'secret'` },
    ],
    ["ExecuteStatement", { Statement: `SELECT "total", lines FROM orders WHERE pk = 'a' AND sk = 'b'` }],
  ] as const)("Attributes of %s %j are the key, total and lines", ([operation, input]) => {
    const [attributes = []] = values(operation, input, "Attributes");
    expect([...new Set(attributes)].toSorted((a, b) => a.localeCompare(b))).toEqual(["lines", "pk", "sk", "total"]);
  });

  test.for([
    ["GetItem", { TableName, Key }, "Select", ["ALL_ATTRIBUTES"]],
    ["GetItem", { TableName, Key, ProjectionExpression: "pk" }, "Select", ["SPECIFIC_ATTRIBUTES"]],
    ["Query", { TableName, IndexName: "byDay" }, "Select", ["ALL_PROJECTED_ATTRIBUTES"]],
    ["Scan", { TableName, Select: "COUNT" }, "Select", ["COUNT"]],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders" }, "Select", ["ALL_ATTRIBUTES"]],
    ["PutItem", { TableName, Item: Key }, "Select", []],
    ["PutItem", { TableName, Item: Key }, "ReturnValues", ["NONE"]],
    ["PutItem", { TableName, Item: Key, ReturnValues: "ALL_OLD" }, "ReturnValues", ["ALL_OLD"]],
    ["PutItem", { TableName, Item: Key, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }, "ReturnValues", ["ALL_OLD"]],
    ["ExecuteStatement", { Statement: "DELETE FROM orders WHERE pk = 'a' RETURNING ALL OLD *" }, "ReturnValues", ["ALL_OLD"]],
    ["GetItem", { TableName, Key }, "ReturnValues", []],
    ["GetItem", { TableName, Key, ReturnConsumedCapacity: "TOTAL" }, "ReturnConsumedCapacity", ["TOTAL"]],
    ["BatchGetItem", { RequestItems: { orders: {} }, ReturnConsumedCapacity: "TOTAL" }, "ReturnConsumedCapacity", ["TOTAL"]],
    ["TransactGetItems", { TransactItems: [{ Get: { TableName, Key } }] }, "EnclosingOperation", ["TransactGetItems"]],
    ["GetItem", { TableName, Key }, "EnclosingOperation", []],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders WHERE sk = '1'" }, "FullTableScan", ["true"]],
    ["ExecuteStatement", { Statement: "SELECT * FROM orders WHERE pk = '1'" }, "FullTableScan", ["false"]],
    ["ExecuteStatement", { Statement: "SELECT * FROM elsewhere WHERE pk = '1'" }, "FullTableScan", undefined],
  ] as const)("of %s %j, %s is %j", ([operation, input, key, expected]) => {
    expect(values(operation, input, key)).toEqual([expected]);
  });

  test("writes that hand back the item and writes that do not are decided apart", () => {
    const TransactItems = [
      { Put: { TableName, Item: Key } },
      { Put: { TableName, Item: Key, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } },
    ];
    expect(values("TransactWriteItems", { TransactItems }, "ReturnValues")).toEqual([["NONE"], ["ALL_OLD"]]);
  });

  test("tags: those of the call and those of the table", () => {
    const Tags = [{ Key: "Team", Value: "shop" }];
    const [created] = accessesOf("CreateTable", { TableName: "new", Tags });
    expect(created?.context?.("aws:tagkeys")).toEqual(["Team"]);
    expect(created?.context?.("aws:requesttag/team")).toEqual(["shop"]);
    const [untagged] = accessesOf("UntagResource", { ResourceArn: `${table}orders`, TagKeys: ["Team"] });
    expect(untagged?.context?.("aws:tagkeys")).toEqual(["Team"]);
    const [read] = accessesOf("GetItem", { TableName, Key });
    expect(read?.context?.("aws:resourcetag/team")).toEqual(["shop"]);
    const [elsewhere] = accessesOf("GetItem", { TableName: "elsewhere", Key });
    expect(elsewhere?.context?.("aws:resourcetag/team")).toBeUndefined();
  });

  function queryOf(KeyConditionExpression: string) {
    return {
      TableName,
      KeyConditionExpression,
      ExpressionAttributeNames: { "#p": "pk" },
      ExpressionAttributeValues: { ":a": { S: "a" }, ":b": { S: "b" } },
    };
  }
});

test("nothing is derived of a statement that is longer than DynamoDB takes", () => {
  const comments = "/*".repeat(1_000_000);
  expect(needed("ExecuteStatement", { Statement: `SELECT * FROM orders ${comments}` })).toEqual([]);
});
