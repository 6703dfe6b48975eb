import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import { clientConfig } from "../../../support/cloud-support.ts";
import { settle } from "../../../support/settle.ts";
import { runApp } from "../run-app.ts";
import { addAsyncDestinations } from "./app.ts";

test("an app whose topic invokes a function, which has destinations, runs", async () => {
  const cloud = await runApp(addAsyncDestinations);
  const sns = new SNSClient(clientConfig(cloud));
  const publish = (Message: string, language: string) =>
    sns.send(
      new PublishCommand({
        TopicArn: "arn:aws:sns:us-east-1:000000000000:texts",
        Message,
        MessageAttributes: { language: { DataType: "String", StringValue: language } },
      }),
    );
  await publish("hello", "en");
  await publish("bonjour", "fr");
  await publish("poison", "en");
  await settle(cloud);

  const { functions } = await cloud.status();
  expect(functions).toMatchObject([
    { name: "store", invocations: 1, errors: 0 },
    { name: "measure", invocations: 3, errors: 2 },
  ]);
  const records = (queue: string) => cloud.queues.look(queue).messages.map(({ body }) => JSON.parse(body) as unknown);
  expect(records("archive")).toMatchObject([
    { requestContext: { condition: "Success" }, requestPayload: { responsePayload: { length: 5 } } },
  ]);
  expect(records("failures")).toMatchObject([
    {
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 2 },
      requestPayload: { Records: [{ EventSource: "aws:sns", Sns: { Message: "poison" } }] },
      responsePayload: { errorMessage: "cannot measure poison" },
    },
  ]);
  expect(records("undelivered")).toEqual([]);
  expect(cloud.missing).toEqual([]);
});
