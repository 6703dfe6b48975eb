import { PublishBatchCommand, type PublishBatchRequestEntry, SNSClient } from "@aws-sdk/client-sns";
import * as v from "valibot";
import { expect, test } from "vitest";
import { defineEvent, defineTopic, downcastTo, type TopicDefinition } from "#lib/contracts/index.ts";
import { publishLines } from "#lib/ops/publish/publish-lines.ts";
import { createPublisher } from "#lib/runtime/index.ts";
import { met } from "../workshop.ts";

/** Version 2 of an event, which is published as version 1 too. */
function soldOn(topic: TopicDefinition) {
  const common = { topic, description: "Sold.", subject: ({ id }: { id: string }) => id };
  const soldV1 = defineEvent({ ...common, type: "item.sold.v1", schema: v.object({ id: v.string() }), example: { id: "1" } });
  return defineEvent({
    ...common,
    type: "item.sold.v2",
    schema: v.object({ id: v.string(), pence: v.number() }),
    example: { id: "1", pence: 5 },
    downcasts: [downcastTo(soldV1, ({ id }: { id: string }) => ({ id }))],
  });
}

const sold = soldOn(defineTopic({ name: "sales", description: "What is sold." }));
const soldInOrder = soldOn(defineTopic({ name: "sales", description: "What is sold.", fifo: true }));
const topicArns = new Map([["sales", "arn:sales"]]);

/** An SNS that keeps the entries of every request, and refuses those of some types. */
function keepingSns(...refused: string[]) {
  const entries: PublishBatchRequestEntry[] = [];
  const isRefused = (entry: PublishBatchRequestEntry) => refused.includes(attributesOf(entry)["type"] ?? "");
  const sns = met(new SNSClient({ region: "us-east-1" }), (command) => {
    if (!(command instanceof PublishBatchCommand)) throw new Error("expected PublishBatch");
    const asked = command.input.PublishBatchRequestEntries ?? [];
    entries.push(...asked);
    return {
      Successful: asked.filter((entry) => !isRefused(entry)).map(({ Id }) => ({ Id, MessageId: "m" })),
      Failed: asked.filter(isRefused).map(({ Id }) => ({ Id, Code: "Refused", SenderFault: true })),
    };
  });
  return { sns, entries };
}

function attributesOf({ MessageAttributes = {} }: PublishBatchRequestEntry): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]));
}

function bodiesOf(entries: readonly PublishBatchRequestEntry[]): unknown[] {
  return entries.map(({ Message = "" }): unknown => JSON.parse(Message));
}

const bothVersions = (id: string) => [
  expect.objectContaining({ id, type: "item.sold.v2", source: "till", data: { id: "7", pence: 9 } }) as unknown,
  expect.objectContaining({ id, type: "item.sold.v1", source: "till", data: { id: "7" } }) as unknown,
];

test("a publisher sends both versions under one id, and the older one tells that there is a newer one", async () => {
  const { sns, entries } = keepingSns();
  const { eventId } = await createPublisher({ source: "till", topicArns, sns }).publish(sold, { id: "7", pence: 9 });
  expect(bodiesOf(entries)).toEqual(bothVersions(eventId));
  expect(entries.map(attributesOf)).toEqual([{ type: "item.sold.v2" }, { type: "item.sold.v1", newerVersion: "item.sold.v2" }]);
});

test("SNS drops neither version as a copy of the other on a FIFO topic, and keeps both in the subject's order", async () => {
  const { sns, entries } = keepingSns();
  await createPublisher({ source: "till", topicArns, sns }).publish(soldInOrder, { id: "7", pence: 9 });
  expect(new Set(entries.map(({ MessageDeduplicationId: id }) => id)).size).toBe(2);
  expect(entries.map(({ MessageGroupId: group }) => group)).toEqual(["7", "7"]);
});

test("an event of which one version is refused is not published", async () => {
  const publisher = createPublisher({ source: "till", topicArns, sns: keepingSns("item.sold.v1").sns });
  await expect(publisher.publish(sold, { id: "7", pence: 9 })).rejects.toThrow(/Refused/);
});

test("the command line publishes both versions of a line, and counts one event", async () => {
  const { sns, entries } = keepingSns();
  async function* line() {
    yield { number: 1, text: '{"id":"7","pence":9}' };
  }
  const options = { event: sold, topicArn: "arn:sales", sns, source: "till", idOf: () => "e1", onResult: () => {} };
  expect(await publishLines(line(), options)).toEqual({ published: 1, refused: 0, failed: 0 });
  expect(bodiesOf(entries)).toEqual(bothVersions("e1"));
});
