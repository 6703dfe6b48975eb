import { expect } from "vitest";
import * as v from "valibot";
import { behaviour } from "./behaviour.ts";
import type { ConformanceClient } from "../support/conformance/client.ts";

const text = (StringValue: string) => ({ DataType: "String", StringValue });

/** So many attributes of a message. */
const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`attribute${index + 1}`, text(String(index))]));

/** What a queue has got of this run, after some time in which more could come. */
async function bodies(app: ConformanceClient, queue: string): Promise<(string | undefined)[]> {
  return (await app.drain(queue)).map(({ Body }) => Body);
}

const notification = v.pipe(
  v.string(),
  v.transform((json): unknown => JSON.parse(json)),
);

behaviour("wrapped", async (app) => {
  await app.publish("wrapped", app.run, { Subject: "greeting", MessageAttributes: { colour: text("red") } });
  const [message] = await app.drain("wrapped");
  expect(v.parse(notification, message?.Body)).toMatchObject({
    Type: "Notification",
    MessageId: expect.any(String),
    TopicArn: await app.topicArn("wrapped"),
    Subject: "greeting",
    Message: app.run,
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    MessageAttributes: { colour: { Type: "String", Value: "red" } },
  });
  expect(message?.MessageAttributes).toBeUndefined();
});

behaviour("raw", async (app) => {
  await app.publish("raw", app.run, { MessageAttributes: { colour: text("red") } });
  const [message] = await app.drain("raw");
  expect(message?.Body).toBe(app.run);
  expect(message?.MessageAttributes).toEqual({ colour: text("red") });
});

behaviour("over-ten-raw", async (app) => {
  await app.publish("over-ten-raw", `${app.run} ten`, { MessageAttributes: attributes(10) });
  await app.publish("over-ten-raw", `${app.run} eleven`, { MessageAttributes: attributes(11) });
  expect(await bodies(app, "over-ten-raw-undelivered")).toEqual([`${app.run} eleven`]);
  expect(await bodies(app, "over-ten-raw")).toEqual([`${app.run} ten`]);
});

behaviour("over-ten-wrapped", async (app) => {
  await app.publish("over-ten-wrapped", app.run, { MessageAttributes: attributes(11) });
  const [body] = await bodies(app, "over-ten-wrapped");
  expect(v.parse(notification, body)).toMatchObject({ Message: app.run });
});

behaviour("refused", async (app) => {
  await app.publish("refused", app.run);
  expect(await bodies(app, "undelivered")).toEqual([app.run]);
  expect(await bodies(app, "refusing")).toEqual([]);
});

behaviour("late-delivery", async (app) => {
  await app.publish("late", app.run);
  expect(await app.receive("late", { WaitTimeSeconds: 0 })).toEqual([]);
  expect((await app.take("late", 1)).map(({ Body }) => Body)).toEqual([app.run]);
});

behaviour("group-forwarded", async (app) => {
  await app.publish("grouped", app.run, { MessageGroupId: "tenant-1" });
  const [message] = await app.drain("grouped");
  expect(message?.Attributes).toMatchObject({ MessageGroupId: "tenant-1" });
});
