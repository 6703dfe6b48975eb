import { DynamoDBClient, PutItemCommand, UpdateItemCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientConfig, runCloud, runResources, table, temporaryFolder, writeAssembly } from "../../../support/cloud-support.ts";
import { StreamsClient } from "./streams.ts";

const streamed = (view: string) => table("orders", { StreamSpecification: { StreamViewType: view } });

async function ordersWith(view: string) {
  const cloud = await runResources({ Orders: streamed(view) });
  const client = new DynamoDBClient(clientConfig(cloud));
  const put = (pk: string, item: object = {}) =>
    client.send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: pk }, ...item } }));
  return { cloud, client, put, streams: new StreamsClient(cloud) };
}

test("a stream is described with its keys and one open shard, whose first number all records are after", async () => {
  const { streams, put } = await ordersWith("NEW_AND_OLD_IMAGES");
  await put("1");
  const arn = await streams.arnOf("orders");
  const described = await streams.describe(arn);
  const start = expect.stringMatching(/^\d{21,40}$/);
  const shard = {
    ShardId: expect.stringMatching(/^shardId-\d{20}-[0-9a-f]{8}$/),
    SequenceNumberRange: { StartingSequenceNumber: start },
  };
  expect(described).toEqual({
    StreamArn: arn,
    StreamLabel: arn.slice(arn.lastIndexOf("/") + 1),
    StreamStatus: "ENABLED",
    StreamViewType: "NEW_AND_OLD_IMAGES",
    TableName: "orders",
    CreationRequestDateTime: expect.any(Number),
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    Shards: [shard],
  });
  const [{ ShardId, SequenceNumberRange }] = [described.Shards[0] ?? raise()];
  const position = { ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber: SequenceNumberRange.StartingSequenceNumber };
  const { Records } = await streams.records(await streams.iterator(arn, position));
  expect(Records.map(({ dynamodb }) => dynamodb.Keys)).toEqual([{ pk: { S: "1" } }]);
  expect((Records[0]?.dynamodb.SequenceNumber ?? "") > SequenceNumberRange.StartingSequenceNumber).toBe(true);
  expect((await streams.describe(arn, { ExclusiveStartShardId: ShardId })).Shards).toEqual([]);
});

test("records are numbered in order with 21 digits, and a number finds its place again", async () => {
  const { streams, put } = await ordersWith("KEYS_ONLY");
  for (let pk = 1; pk <= 12; pk++) await put(String(pk));
  const records = await streams.all("orders");
  const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  expect(numbers).toHaveLength(12);
  expect(numbers.every((number) => /^\d{21}$/.test(number))).toBe(true);
  expect(numbers.toSorted((a, b) => a.localeCompare(b))).toEqual(numbers);
  expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(12);
  const arn = await streams.arnOf("orders");
  const keysFrom = async (position: object) => {
    const { Records } = await streams.records(await streams.iterator(arn, position));
    return Records.map(({ dynamodb }) => dynamodb.Keys["pk"]);
  };
  const [tenth, eleventh] = [numbers[9], numbers[10]];
  expect(await keysFrom({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: tenth })).toEqual([
    { S: "11" },
    { S: "12" },
  ]);
  expect(await keysFrom({ ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber: eleventh })).toEqual([
    { S: "11" },
    { S: "12" },
  ]);
  expect(await keysFrom({ ShardIteratorType: "LATEST" })).toEqual([]);
});

test.each([
  ["KEYS_ONLY", 3],
  ["NEW_IMAGE", 3 + 3 + 9],
  ["OLD_IMAGE", 3 + 3],
  ["NEW_AND_OLD_IMAGES", 3 + 3 + 9 + 3],
])(
  "in the view %s a write that changes nothing has no record, and a record has the size of what it shows",
  async (view, bytes) => {
    const { client, streams, put } = await ordersWith(view);
    await put("1");
    await put("1");
    const update = { UpdateExpression: "SET amount = :n", ExpressionAttributeValues: { ":n": { N: "1200" } } };
    for (let times = 0; times < 2; times++)
      await client.send(new UpdateItemCommand({ TableName: "orders", Key: { pk: { S: "1" } }, ...update }));
    const records = await streams.all("orders");
    expect(records.map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY"]);
    expect(records[1]?.dynamodb).toMatchObject({ SizeBytes: bytes - (view.startsWith("NEW") ? 1 : 0), StreamViewType: view });
  },
);

test("a table and its stream are described in the view that was asked for, also after a restart and a change of it", async () => {
  const persist = temporaryFolder();
  const assembly = writeAssembly({ shop: { Resources: { Orders: streamed("KEYS_ONLY") } } });
  const first = await runCloud({ assembly, persist });
  await first.stop();
  const cloud = await runCloud({ assembly, persist });
  const streams = new StreamsClient(cloud);
  const client = new DynamoDBClient(clientConfig(cloud));
  expect(await streams.describe(await streams.arnOf("orders"))).toMatchObject({ StreamViewType: "KEYS_ONLY" });
  const change = async (StreamSpecification: ConstructorParameters<typeof UpdateTableCommand>[0]["StreamSpecification"]) => {
    const { TableDescription } = await client.send(new UpdateTableCommand({ TableName: "orders", StreamSpecification }));
    return TableDescription?.StreamSpecification;
  };
  await change({ StreamEnabled: false });
  const wanted = { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } as const;
  expect(await change(wanted)).toEqual(wanted);
  await client.send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: "1" } } }));
  expect((await streams.all("orders")).map(({ dynamodb }) => dynamodb["NewImage"])).toEqual([{ pk: { S: "1" } }]);
});

test("an iterator begins with the ARN of its stream, leads on, and expires after 15 minutes", async () => {
  const { cloud, streams, put } = await ordersWith("KEYS_ONLY");
  const arn = await streams.arnOf("orders");
  const first = await streams.iterator(arn, { ShardIteratorType: "TRIM_HORIZON" });
  await put("1");
  await put("2");
  const page = await streams.records(first, { Limit: 1 });
  expect(page.Records).toHaveLength(1);
  expect([first, page.NextShardIterator].every((iterator) => iterator.startsWith(`${arn}|1|`))).toBe(true);
  expect((await streams.records(page.NextShardIterator)).Records.map(({ dynamodb }) => dynamodb.Keys["pk"])).toEqual([
    { S: "2" },
  ]);
  cloud.clock.advance(15 * 60_000 + 1);
  expect(await streams.call("GetRecords", { ShardIterator: first })).toMatchObject({ __type: "ExpiredIteratorException" });
});

test("what is not a stream, a shard or an iterator is refused", async () => {
  const { streams } = await ordersWith("KEYS_ONLY");
  const StreamArn = await streams.arnOf("orders");
  const other = StreamArn.replace(/\d{4}-.*$/, "2020-01-01T00:00:00.000");
  expect(await streams.call("DescribeStream", { StreamArn: other })).toMatchObject({ __type: "ResourceNotFoundException" });
  const foreign = { StreamArn, ShardId: "shardId-00000000000000000000-00000000", ShardIteratorType: "LATEST" };
  expect(await streams.call("GetShardIterator", foreign)).toMatchObject({ __type: "ResourceNotFoundException" });
  expect(await streams.call("GetRecords", { ShardIterator: "x" })).toMatchObject({ __type: "ValidationException" });
});

function raise(): never {
  throw new Error("no shard");
}
