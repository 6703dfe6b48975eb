import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import type { Cloud } from "#lib/laptop/cloud.ts";
import { clientConfig, runResources, table } from "../../../support/cloud-support.ts";
import { StreamsClient } from "./streams.ts";

const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
const MINUTE = 60_000;

/** Epoch seconds by the cloud's clock, some milliseconds from now. */
const secondsFromNow = ({ clock }: Cloud, milliseconds: number) => ({
  N: String(Math.floor((clock.now() + milliseconds) / 1_000)),
});

async function keys(client: DynamoDBClient, TableName: string): Promise<string[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  return Items.map(({ pk }) => pk?.S ?? "").toSorted((a, b) => a.localeCompare(b));
}

test("what has expired is deleted within minutes; the future, other types, and tables without a time to live stay", async () => {
  const cloud = await runResources({ Inbox: table("inbox", { TimeToLiveSpecification }), Kept: table("kept") });
  const client = new DynamoDBClient(clientConfig(cloud));
  const puts = [
    { pk: { S: "past" }, expiresAt: secondsFromNow(cloud, -MINUTE) },
    { pk: { S: "future" }, expiresAt: secondsFromNow(cloud, 60 * MINUTE) },
    { pk: { S: "text" }, expiresAt: { S: "1" } },
    { pk: { S: "none" } },
  ].map((Item) => ({ PutRequest: { Item } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { inbox: puts, kept: puts } }));
  expect(await keys(client, "inbox")).toEqual(["future", "none", "past", "text"]);

  cloud.clock.advance(MINUTE);
  await vi.waitFor(async () => expect(await keys(client, "inbox")).toEqual(["future", "none", "text"]), 10_000);
  expect(await keys(client, "kept")).toEqual(["future", "none", "past", "text"]);

  // Nothing is written in between: the sweep knows when the next item expires.
  cloud.clock.advance(61 * MINUTE);
  await vi.waitFor(async () => expect(await keys(client, "inbox")).toEqual(["none", "text"]), 10_000);
});

test("an item that was given more time before it was swept lives on", async () => {
  const cloud = await runResources({ Inbox: table("inbox", { TimeToLiveSpecification }) });
  const client = new DynamoDBClient(clientConfig(cloud));
  const put = (pk: string, milliseconds: number) =>
    client.send(
      new PutItemCommand({ TableName: "inbox", Item: { pk: { S: pk }, expiresAt: secondsFromNow(cloud, milliseconds) } }),
    );
  await put("extended", -MINUTE);
  await put("extended", 60 * MINUTE);
  await put("past", -MINUTE);
  cloud.clock.advance(MINUTE);
  await vi.waitFor(async () => expect(await keys(client, "inbox")).toEqual(["extended"]), 10_000);
});

test("the stream says of an item that the time to live has removed that DynamoDB itself did it", async () => {
  const settings = { TimeToLiveSpecification, StreamSpecification: { StreamViewType: "KEYS_ONLY" } };
  const cloud = await runResources({ Inbox: table("inbox", settings) });
  const client = new DynamoDBClient(clientConfig(cloud));
  const item = (pk: string, milliseconds: number) => ({ pk: { S: pk }, expiresAt: secondsFromNow(cloud, milliseconds) });
  const puts = [item("expired", -MINUTE), item("deleted", 60 * MINUTE)].map((Item) => ({ PutRequest: { Item } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { inbox: puts } }));
  cloud.clock.advance(MINUTE);
  await vi.waitFor(async () => expect(await keys(client, "inbox")).toEqual(["deleted"]), 10_000);
  await client.send(new DeleteItemCommand({ TableName: "inbox", Key: { pk: { S: "deleted" } } }));
  const removals = (await new StreamsClient(cloud).all("inbox")).filter(({ eventName }) => eventName === "REMOVE");
  expect(removals.map(({ userIdentity }) => userIdentity)).toEqual([
    { type: "Service", principalId: "dynamodb.amazonaws.com" },
    undefined,
  ]);
});
