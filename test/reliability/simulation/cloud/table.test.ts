import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { sized } from "../../../support/proof.ts";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { Checks } from "../checks/checks.ts";
import type { TableInput } from "./dynamodb.ts";
import { AwsError } from "./errors.ts";
import { Faults } from "../faults.ts";
import { Random } from "../../../support/random.ts";
import { World } from "../world.ts";

const TABLE = "tried";

/** Writes that are tried on both. */
const WRITES = sized({ short: 60, long: 600 });

/** The key attributes of the index. */
const INDEX = { partition: "index#byKey#pk", sort: "index#byKey#sk" };

/** Queries of each partition, of the table and of the index. */
const QUERIES = [
  ...["a", "b", "c"].map((pk) => ({
    KeyConditionExpression: "#pk = :pk",
    ExpressionAttributeNames: { "#pk": "pk" },
    ExpressionAttributeValues: { ":pk": { S: pk } },
  })),
  ...["x", "y", "z"].flatMap((partition) =>
    [{}, { ScanIndexForward: false }, { Limit: 1 }].map((more) => ({
      ...more,
      IndexName: "byKey",
      KeyConditionExpression: "#pk = :pk",
      ExpressionAttributeNames: { "#pk": INDEX.partition },
      ExpressionAttributeValues: { ":pk": { S: partition } },
    })),
  ),
];

type Action = NonNullable<TransactWriteItem[keyof TransactWriteItem]>;

/** Writes of every form that the runtime makes, on few keys and few values, so that conditions hold as often as not. */
function drawAction(random: Random, pk: string): TransactWriteItem {
  const Key = { pk: { S: pk }, sk: { S: "-" } };
  const number = () => ({ N: String(random.below(3)) });
  const version = {
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":version": number() },
  };
  const common = { TableName: TABLE, ReturnValuesOnConditionCheckFailure: random.pick(["ALL_OLD", "NONE"] as const) };
  const item = {
    ...Key,
    version: number(),
    total: number(),
    owner: { S: random.pick(["one", "other"]) },
    leasedUntil: number(),
  };
  return random.pick<() => TransactWriteItem>([
    () => ({ Put: { ...common, Item: item } }),
    () => ({ Put: { ...common, Item: item, ConditionExpression: "attribute_not_exists(pk)" } }),
    () => ({ Put: { ...common, Item: { ...item, result: { S: "done" } }, ...version } }),
    () => ({
      Put: {
        ...common,
        Item: { ...item, expiresAt: number(), [INDEX.partition]: { S: random.pick(["x", "y"]) }, [INDEX.sort]: { S: pk } },
        ConditionExpression: "attribute_not_exists(pk) OR expiresAt <= :now",
        ExpressionAttributeValues: { ":now": number() },
      },
    }),
    () => ({
      Put: {
        ...common,
        Item: item,
        ConditionExpression: "attribute_not_exists(pk) OR (attribute_not_exists(#result) AND leasedUntil < :now)",
        ExpressionAttributeNames: { "#result": "result" },
        ExpressionAttributeValues: { ":now": number() },
      },
    }),
    () => ({
      Update: {
        ...common,
        Key,
        UpdateExpression: "SET #attribute = :value",
        ConditionExpression: "#owner = :owner",
        ExpressionAttributeNames: { "#attribute": "result", "#owner": "owner" },
        ExpressionAttributeValues: { ":value": { S: "done" }, ":owner": { S: random.pick(["one", "other"]) } },
      },
    }),
    () => ({
      Update: {
        ...common,
        Key,
        UpdateExpression: "ADD #attribute :by, #version :one",
        ConditionExpression: "#attribute >= :least",
        ExpressionAttributeNames: { "#attribute": "total", "#version": "version" },
        ExpressionAttributeValues: { ":by": { N: "-1" }, ":one": { N: "1" }, ":least": number() },
      },
    }),
    () => ({
      Update: {
        ...common,
        Key,
        UpdateExpression: "ADD #attribute :by, #version :one",
        ConditionExpression: "#attribute >= :least AND (attribute_not_exists(expiresAt) OR expiresAt > :now)",
        ExpressionAttributeNames: { "#attribute": "total", "#version": "version" },
        ExpressionAttributeValues: { ":by": { N: "1" }, ":one": { N: "1" }, ":least": number(), ":now": number() },
      },
    }),
    () => ({
      Update: {
        ...common,
        Key,
        UpdateExpression: "ADD #times :one SET #expiresAt = :expiresAt",
        ExpressionAttributeNames: { "#times": "times", "#expiresAt": "expiresAt" },
        ExpressionAttributeValues: { ":one": { N: "1" }, ":expiresAt": number() },
      },
    }),
    () => ({ Delete: { ...common, Key, ...version } }),
    () => ({ ConditionCheck: { ...common, Key, ConditionExpression: "attribute_not_exists(pk)" } }),
  ])();
}

/** What came of a write, errors with their reasons and items included. */
async function outcomeOf(write: () => Promise<unknown>): Promise<unknown> {
  try {
    await write();
    return "done";
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const details: object = error instanceof AwsError ? error.details : error;
    const reasons: unknown = Reflect.get(details, "CancellationReasons");
    const codes = Array.isArray(reasons) && reasons.map((reason: object) => ({ ...reason, Message: undefined }));
    return { name: error.name, item: Reflect.get(details, "Item"), codes };
  }
}

test("the simulated table does what the DynamoDB engine does, for every form of write and query that the runtime makes", async () => {
  const engine = await startDynoxide({ onDeath: () => {} });
  onTestFinished(() => engine.stop());
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", INDEX.partition, INDEX.sort].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: "byKey",
          KeySchema: [
            { AttributeName: INDEX.partition, KeyType: "HASH" },
            { AttributeName: INDEX.sort, KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  const world = new World(1, new Faults(1, { only: [] }), (world) => new Checks(world, []));
  const table = world.addTable(TABLE);
  const random = new Random(1, "table");
  const simulate = (operation: string, input: object): unknown =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- inputs of the SDK, as the runtime makes them
    table.execute(operation, { TableName: TABLE, ...input } as TableInput, undefined);
  for (let count = 0; count < WRITES; count++) {
    const keys = random.shuffled(["a", "b", "c"]).slice(0, 1 + random.below(3));
    const actions = keys.map((key) => drawAction(random, key));
    const [first] = actions;
    const single = actions.length === 1 && first && !first.ConditionCheck ? first : undefined;
    const [operation, input] = single ? singleWrite(single) : (["TransactWriteItems", { TransactItems: actions }] as const);
    const expected = await outcomeOf(() => send(client, operation, input));
    const actual = await outcomeOf(async () => simulate(operation, input));
    expect(actual, JSON.stringify(input)).toEqual(expected);
    for (const key of keys) {
      const Key = { pk: { S: key }, sk: { S: "-" } };
      const { Item } = await client.send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true }));
      expect(simulate("GetItem", { Key, ConsistentRead: true }), key).toEqual({ Item });
    }
    const query = random.pick(QUERIES);
    const { Items, LastEvaluatedKey } = await client.send(new QueryCommand({ TableName: TABLE, ...query }));
    const cut = LastEvaluatedKey && { LastEvaluatedKey };
    expect(simulate("Query", query), JSON.stringify(query)).toEqual({ Items, ...cut });
  }
});

function singleWrite({ Put, Update, Delete }: TransactWriteItem): readonly [string, Action] {
  if (Put) return ["PutItem", Put];
  if (Update) return ["UpdateItem", Update];
  return ["DeleteItem", Delete!];
}

function send(client: DynamoDBClient, operation: string, input: object): Promise<unknown> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the inputs that this test has drawn
  const given = input as Action & { TransactItems: TransactWriteItem[] };
  switch (operation) {
    case "PutItem":
      return client.send(new PutItemCommand({ ...given, Item: "Item" in given ? given.Item : {} }));
    case "UpdateItem":
      return client.send(new UpdateItemCommand({ ...given, Key: "Key" in given ? given.Key : {} }));
    case "DeleteItem":
      return client.send(new DeleteItemCommand({ ...given, Key: "Key" in given ? given.Key : {} }));
    default:
      return client.send(new TransactWriteItemsCommand({ TransactItems: given.TransactItems }));
  }
}
