import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { beforeAll, expect, inject } from "vitest";
import { behaviour } from "./behaviour.ts";
import { ConformanceClient, type Script, type SeenMessage } from "../support/conformance/client.ts";

beforeAll(async () => {
  const app = new ConformanceClient(inject("target"));
  await Promise.all([app.warm("fed", 4), app.warm("slow", 2)]);
});

/** Sends messages for the scripted function at once, in batches of ten; keys are 1, 2, 3, … */
async function sendAll(app: ConformanceClient, queue: string, scripts: readonly (Script | undefined)[]): Promise<void> {
  const QueueUrl = await app.queueUrl(queue);
  const entries = scripts.map((script, index) => ({ Id: `${index + 1}`, MessageBody: app.message(`${index + 1}`, script) }));
  for (let start = 0; start < entries.length; start += 10) {
    await app.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries.slice(start, start + 10) }));
  }
}

/** How often a message was received at the most. */
const receives = (seen: readonly SeenMessage[], key: string) =>
  Math.max(0, ...seen.filter((message) => message.key === key).map(({ receiveCount }) => receiveCount));

behaviour("partial", async (app) => {
  await sendAll(app, "partial", [undefined, { fail: true }, undefined]);
  const seen = await app.whenSeen("the failed message's second receive", (records) => receives(records, "2") === 2);
  expect(["1", "2", "3"].map((key) => receives(seen, key))).toEqual([1, 2, 1]);
  await stays(app, "partial", 4);
});

behaviour("whole", async (app) => {
  await sendAll(app, "whole", [{ end: "throw" }, undefined, undefined]);
  const seen = await app.whenSeen("the second receive", (records) => receives(records, "1") === 2);
  const failed = seen.find(({ key, receiveCount }) => key === "1" && receiveCount === 1)!;
  const batch = seen.filter(({ invocation }) => invocation === failed.invocation).map(({ key }) => key);
  await app.whenSeen("the second receive of the whole batch", (records) => batch.every((key) => receives(records, key) === 2));
});

/** Complete success: the message does not come again. */
function succeeds(id: string, answer: unknown): void {
  behaviour(id, async (app) => {
    await app.send("answered", app.message("1", { answer }));
    await app.whenSeen("the message", (records) => records.length > 0);
    await stays(app, "answered", 1);
  });
}

/** Complete failure: the message comes again. */
function fails(id: string, answer: unknown): void {
  behaviour(id, async (app) => {
    await app.send("answered", app.message("1", { answer }));
    await app.whenSeen("the message's second receive", (records) => receives(records, "1") === 2);
  });
}

succeeds("no-answer", null);
succeeds("empty-answer", {});
succeeds("empty-list", { batchItemFailures: [] });
succeeds("null-list", { batchItemFailures: null });
fails("malformed-answer", "all good");
fails("null-id", { batchItemFailures: [{ itemIdentifier: null }] });
fails("empty-id", { batchItemFailures: [{ itemIdentifier: "" }] });
fails("bad-key", { batchItemFailures: [{ badKey: "1" }] });
fails("unknown-id", { batchItemFailures: [{ itemIdentifier: "00000000-0000-4000-8000-000000000000" }] });

behaviour("wide-batch", async (app) => {
  await sendAll(app, "wide", Array.from({ length: 60 }));
  const seen = await app.whenSeen("all 60 messages", (records) => records.length >= 60);
  expect(Math.max(...seen.map(({ batchSize }) => batchSize))).toBeGreaterThan(10);
  expect(Math.max(...seen.map(({ batchSize }) => batchSize))).toBeLessThanOrEqual(40);
});

behaviour("maximum-concurrency", async (app) => {
  await sendAll(
    app,
    "narrow",
    Array.from({ length: 8 }, () => ({ sleepMilliseconds: 300 })),
  );
  const seen = await app.whenSeen(
    "the end of all 8 messages",
    (records) => records.filter(({ endedAt }) => endedAt).length === 8,
  );
  const running = seen.map(
    ({ startedAt: now }) => seen.filter(({ startedAt, endedAt = 0 }) => startedAt <= now && now < endedAt).length,
  );
  expect(Math.max(...running)).toBeLessThanOrEqual(2);
});

behaviour("expired-in-handler", async (app) => {
  await app.send("hiding", app.message("1", { hideSeconds: 1, sleepMilliseconds: 4_000 }));
  const seen = await app.whenSeen("the second receive", (records) => receives(records, "1") === 2);
  const second = seen.find(({ receiveCount }) => receiveCount === 2);
  const first = await app.whenSeen("the end of the first", (records) =>
    records.some(({ receiveCount, endedAt }) => receiveCount === 1 && endedAt),
  );
  expect(second!.startedAt).toBeLessThan(first.find(({ receiveCount }) => receiveCount === 1)!.endedAt!);
});

behaviour("spent-receives", async (app) => {
  await app.send("spent", app.message("1", { end: "throw", times: 9 }));
  await app.take("spent-dlq", 1);
  expect((await app.seen()).map(({ receiveCount }) => receiveCount)).toEqual([1, 2]);
});

behaviour("sifted", async (app) => {
  await app.send("sifted", JSON.stringify({ run: app.run, key: "unwanted", wanted: false }));
  await app.send("sifted", JSON.stringify({ run: app.run, key: "wanted", wanted: true }));
  await app.whenSeen("the wanted message", (records) => records.length > 0);
  expect((await stays(app, "sifted", 1)).map(({ key }) => key)).toEqual(["wanted"]);
});

/** Nothing of the test is received any more: nothing more has been seen when a message that was held back for longer than the visibility timeout is. */
async function stays(app: ConformanceClient, queue: string, count: number): Promise<SeenMessage[]> {
  const body = JSON.stringify({ run: app.run, key: "afterwards", wanted: true });
  await app.send(queue, body, { DelaySeconds: (await app.visibilityTimeout(queue)) + 2 });
  const seen = await app.whenSeen("the message sent afterwards", (records) => records.some(({ key }) => key === "afterwards"));
  const others = seen.filter(({ key }) => key !== "afterwards");
  expect(others).toHaveLength(count);
  return others;
}
