import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import * as v from "valibot";
import { waitFor } from "../support/target/wait-for.ts";
import { behaviour } from "./behaviour.ts";
import { patience } from "../support/conformance/patience.ts";
import type { ConformanceClient, Script, SeenMessage } from "../support/conformance/client.ts";
import { named } from "./app/names.ts";

/** Writes this test's item in a table; the change carries a message for the scripted function. */
async function put(app: ConformanceClient, table: string, key: string, script?: Script): Promise<void> {
  const Item = { pk: { S: app.run }, message: { S: app.message(key, script) } };
  await app.dynamodb.send(new PutItemCommand({ TableName: named(table), Item }));
}

async function remove(app: ConformanceClient, table: string): Promise<void> {
  await app.dynamodb.send(new DeleteItemCommand({ TableName: named(table), Key: { pk: { S: app.run } } }));
}

/** What one of the functions has been given; a change that came twice, as streams may have it, counts once. */
function givenTo(name: string, seen: readonly SeenMessage[]): unknown[] {
  const given = seen.filter((message) => message.function === named(name)).map(({ source }) => source);
  return [...new Map(given.map((source) => [v.parse(changeSchema, source).dynamodb.SequenceNumber, source])).values()];
}

const changeSchema = v.object({ dynamodb: v.object({ SequenceNumber: v.string() }) });

behaviour("stream-images", async (app) => {
  await put(app, "images", "first");
  await put(app, "images", "second");
  await remove(app, "images");
  const seen = await app.whenSeen("all three changes", (records) => givenTo("images", records).length >= 3);
  const image = (key: string) => ({ pk: { S: app.run }, message: { S: app.message(key) } });
  expect(givenTo("images", seen)).toMatchObject([
    { eventName: "INSERT", dynamodb: { NewImage: image("first"), StreamViewType: "NEW_AND_OLD_IMAGES" } },
    { eventName: "MODIFY", dynamodb: { NewImage: image("second"), OldImage: image("first") } },
    { eventName: "REMOVE", dynamodb: { OldImage: image("second"), Keys: { pk: { S: app.run } } } },
  ]);
});

behaviour("stream-filter", async (app) => {
  await put(app, "images", "kept");
  await remove(app, "images");
  const seen = await app.whenSeen("the removal", (records) => givenTo("removals", records).length > 0);
  expect(givenTo("removals", seen)).toMatchObject([{ eventName: "REMOVE" }]);
});

/** What a destination is told of a batch that was given up: lambda/latest/dg/services-dynamodb-errors. */
const givenUpSchema = v.pipe(
  v.string(),
  v.transform((json): unknown => JSON.parse(json)),
  v.object({
    requestContext: v.object({ condition: v.string(), approximateInvokeCount: v.number() }),
    DDBStreamBatchInfo: v.object({ startSequenceNumber: v.string() }),
  }),
);

behaviour("stream-retries", async (app) => {
  await put(app, "held-up", "bad", { end: "throw" });
  await put(app, "held-up", "good");
  const seen = await app.whenSeen("the change behind the bad one", (records) => records.some(({ key }) => key === "good"));
  expect(seen.map(({ key }) => key)).toEqual(["bad", "bad", "good"]);
  const [bad] = givenTo("held-up", seen);
  const { SequenceNumber } = v.parse(changeSchema, bad).dynamodb;
  const givenUp = await waitFor(
    "the change at the destination on failure",
    async () => (await app.receive("stream-failures")).map(({ Body }) => v.parse(givenUpSchema, Body)),
    (told) => told.some(({ DDBStreamBatchInfo }) => DDBStreamBatchInfo.startSequenceNumber === SequenceNumber),
    patience(),
  );
  const told = givenUp.find(({ DDBStreamBatchInfo }) => DDBStreamBatchInfo.startSequenceNumber === SequenceNumber);
  expect(told?.requestContext).toEqual({ condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 });
});
