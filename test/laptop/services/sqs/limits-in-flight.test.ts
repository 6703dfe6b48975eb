import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";
import { queuesOfTest, untilServed } from "./queues-of-test.ts";

const MOST = 120_000;

test.each([
  ["orders", "OverLimit"],
  ["orders.fifo", "nothing"],
])("with 120,000 messages in flight, %s answers with %s until one is deleted", async (name, expected) => {
  const queue = queuesOfTest().queues.create(name, {});
  for (let n = 0; n <= MOST; n++) queue.send({ body: "m", groupId: String(n), deduplicationId: String(n) });
  const receive = () => queue.receive({ maximum: MOST, waitSeconds: 0, signal: untilServed });
  const received = await receive();
  expect(received).toHaveLength(MOST);

  const more = await Promise.try(receive).catch((error: { code: string }) => error.code);
  expect(more).toEqual(expected === "nothing" ? [] : expected);
  queue.delete(received[0]?.receiptHandle ?? "");
  expect(await receive()).toHaveLength(1);
});

test("a queue of another account does not exist", async () => {
  const cloud = await runResources({ Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } } });
  const QueueUrl = `${cloud.endpoint}/111111111111/orders`;
  await expect(
    new SQSClient(clientConfig(cloud)).send(new SendMessageCommand({ QueueUrl, MessageBody: "m" })),
  ).rejects.toMatchObject({
    name: "QueueDoesNotExist",
  });
});
