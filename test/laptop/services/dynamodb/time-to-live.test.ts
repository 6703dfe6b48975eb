import { BatchWriteItemCommand, DeleteItemCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { DynamoDbUpstream } from "#lib/laptop/services/dynamodb/engine/upstream.ts";
import { EngineTransport } from "#lib/laptop/services/dynamodb/engine/socket-transport.ts";
import { KeySchemas } from "#lib/laptop/services/dynamodb/key-schemas.ts";
import { TableStream } from "#lib/laptop/services/dynamodb/streams/table-stream.ts";
import { TimeToLive } from "#lib/laptop/services/dynamodb/time-to-live/time-to-live.ts";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { clientConfig, runResources, table } from "../../../support/cloud-support.ts";

const now = Date.now();
const seconds = (epochMilliseconds: number) => ({ N: String(Math.floor(epochMilliseconds / 1_000)) });

test("a sweep deletes what has expired, and leaves the future, other types, and tables without a time to live", async () => {
  const engine = await startDynoxide({ onDeath: () => {} });
  onTestFinished(() => engine.stop());
  const timeToLive = { TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true } };
  const cloud = await runResources({ Inbox: table("inbox", timeToLive), Kept: table("kept") }, { dynamodb: engine.endpoint });
  const client = new DynamoDBClient(clientConfig(cloud));
  const puts = [
    { pk: { S: "past" }, expiresAt: seconds(now - 60_000) },
    { pk: { S: "future" }, expiresAt: seconds(now + 3_600_000) },
    { pk: { S: "text" }, expiresAt: { S: "1" } },
    { pk: { S: "none" } },
  ].map((Item) => ({ PutRequest: { Item } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { inbox: puts, kept: puts } }));
  const names = async (TableName: string) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    return Items.map(({ pk }) => pk?.S ?? "").toSorted((a, b) => a.localeCompare(b));
  };

  const upstream = new DynamoDbUpstream(new EngineTransport(engine.address));
  onTestFinished(() => upstream.close());
  let time = now;
  const sweeper = new TimeToLive(upstream, new KeySchemas(upstream), () => time);
  expect(await sweeper.sweep()).toBe(1);
  expect(await names("inbox")).toEqual(["future", "none", "text"]);
  expect(await names("kept")).toEqual(["future", "none", "past", "text"]);

  expect(sweeper.due).toBe(false);
  time = now + 3_700_000;
  expect(sweeper.due).toBe(true);
  expect(await sweeper.sweep()).toBe(1);
  expect(await names("inbox")).toEqual(["none", "text"]);
});

test("the stream says of an item that the time to live has removed that DynamoDB itself did it", async () => {
  const engine = await startDynoxide({ onDeath: () => {} });
  onTestFinished(() => engine.stop());
  const settings = {
    TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    StreamSpecification: { StreamViewType: "KEYS_ONLY" },
  };
  const cloud = await runResources({ Inbox: table("inbox", settings) }, { dynamodb: engine.endpoint });
  const client = new DynamoDBClient(clientConfig(cloud));
  const item = (pk: string, expiry: number) => ({ pk: { S: pk }, expiresAt: seconds(expiry) });
  const puts = [item("expired", now - 60_000), item("deleted", now + 60_000)].map((Item) => ({ PutRequest: { Item } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { inbox: puts } }));

  const upstream = new DynamoDbUpstream(new EngineTransport(engine.address));
  onTestFinished(() => upstream.close());
  const sweeper = new TimeToLive(upstream, new KeySchemas(upstream), () => now);
  await sweeper.sweep();
  await client.send(new DeleteItemCommand({ TableName: "inbox", Key: { pk: { S: "deleted" } } }));
  const stream = new TableStream("inbox", upstream, (name, key) => sweeper.expired.has(name, key));
  const { records } = await stream.read(await stream.open("TRIM_HORIZON"), 10);
  const removals = records.filter(({ eventName }) => eventName === "REMOVE");
  expect(removals.map(({ userIdentity }) => userIdentity)).toEqual([
    { type: "Service", principalId: "dynamodb.amazonaws.com" },
    undefined,
  ]);
});
