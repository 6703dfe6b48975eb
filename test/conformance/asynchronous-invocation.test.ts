import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "vitest";
import * as v from "valibot";
import { behaviour } from "./behaviour.ts";
import type { ConformanceClient, Script } from "../support/conformance/client.ts";
import { named } from "./app/names.ts";

const fromJson = v.pipe(
  v.string(),
  v.transform((json): unknown => JSON.parse(json)),
);

/** Invokes a function and does not wait for it. */
async function invoke(app: ConformanceClient, name: string, script: Script): Promise<void> {
  const { StatusCode } = await app.lambda.send(
    new InvokeCommand({ FunctionName: named(name), InvocationType: "Event", Payload: app.message("event", script) }),
  );
  expect(StatusCode).toBe(202);
}

/** What a destination queue has been told of this test's event. */
async function told(app: ConformanceClient, queue: string): Promise<unknown> {
  const [message] = await app.take(queue, 1);
  return v.parse(fromJson, message?.Body);
}

behaviour("on-success", async (app) => {
  await invoke(app, "once", { answer: { done: true } });
  expect(await told(app, "succeeded")).toMatchObject({
    version: "1.0",
    requestContext: { condition: "Success", approximateInvokeCount: 1, functionArn: expect.stringContaining(named("once")) },
    requestPayload: { run: app.run, key: "event" },
    responseContext: { statusCode: 200, executedVersion: "$LATEST" },
    responsePayload: { done: true },
  });
});

behaviour("on-failure", async (app) => {
  await invoke(app, "once", { end: "throw" });
  expect(await told(app, "failed")).toMatchObject({
    version: "1.0",
    requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 1 },
    requestPayload: { run: app.run, key: "event" },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorType: "Error", errorMessage: "as the script says" },
  });
});

behaviour("topic-to-function", async (app) => {
  const colour = { DataType: "String", StringValue: "red" };
  await app.publish("called", app.message("called"), { Subject: "greeting", MessageAttributes: { colour } });
  const [seen] = await app.whenSeen("the message", (records) => records.length > 0);
  expect(seen?.source).toMatchObject({
    EventSource: "aws:sns",
    EventVersion: "1.0",
    EventSubscriptionArn: expect.stringContaining(named("called")),
    Sns: {
      Type: "Notification",
      MessageId: expect.any(String),
      TopicArn: await app.topicArn("called"),
      Subject: "greeting",
      Message: app.message("called"),
      MessageAttributes: { colour: { Type: "String", Value: "red" } },
    },
  });
});
