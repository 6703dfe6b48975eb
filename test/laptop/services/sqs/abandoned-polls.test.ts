import { connect } from "node:net";
import { once } from "node:events";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, codeFolder, lambda, runCloud, runResources, writeAssembly } from "../../../support/cloud-support.ts";

const QUEUE = { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } };

function request(cloud: Cloud, operation: string, input: object): string {
  const body = JSON.stringify({ QueueUrl: `${cloud.endpoint}/000000000000/orders`, ...input });
  return [
    "POST / HTTP/1.1",
    `Host: ${new URL(cloud.endpoint).host}`,
    `X-Amz-Target: AmazonSQS.${operation}`,
    "Content-Type: application/x-amz-json-1.0",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

const poll = (cloud: Cloud) => request(cloud, "ReceiveMessage", { WaitTimeSeconds: 20 });

async function connection(cloud: Cloud) {
  const socket = connect(Number(new URL(cloud.endpoint).port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Answered: the cloud has taken up whatever had come before. */
async function send(cloud: Cloud): Promise<void> {
  const socket = await connection(cloud);
  socket.write(request(cloud, "SendMessage", { MessageBody: "m" }));
  await once(socket, "data");
  socket.destroy();
}

const held = (cloud: Cloud) => cloud.queues.look("orders").messages.map(({ state, receiveCount }) => ({ state, receiveCount }));
const unread = { state: "ready", receiveCount: 0 };

test.each(["destroy", "resetAndDestroy", "end"] as const)(
  "a poll whose client hangs up by %s takes no message",
  async (hangUp) => {
    const cloud = await runResources({ Queue: QUEUE });
    const [poller, sender] = [await connection(cloud), await connection(cloud)];
    poller.write(poll(cloud));
    // The answer to a call behind it on another connection: the poll waits.
    await fetch(`${cloud.endpoint}/_fanfare/status`);
    // Both are on their way at once, the end of the poll first.
    poller[hangUp]();
    sender.write(request(cloud, "SendMessage", { MessageBody: "m" }));
    await once(sender, "data");
    sender.destroy();
    expect(held(cloud)).toEqual([unread]);
  },
);

test("a hundred polls that were given up leave a message to the one that waits", async () => {
  const cloud = await runResources({ Queue: QUEUE });
  const gone = await Promise.all(Array.from({ length: 100 }, () => connection(cloud)));
  for (const socket of gone) socket.write(poll(cloud));
  await fetch(`${cloud.endpoint}/_fanfare/status`);
  const stays = await connection(cloud);
  stays.write(poll(cloud));
  const answered = once(stays, "data");
  for (const socket of gone) socket.destroy();
  await send(cloud);
  await answered;
  stays.destroy();
  expect(held(cloud)).toEqual([{ state: "in flight", receiveCount: 1 }]);
});

test("a poll of a function that has ended takes no message", async () => {
  const code = codeFolder(`
    import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
    export const handler = async ({ QueueUrl }) => {
      await new SQSClient({}).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    };`);
  const Worker = lambda("worker", "code");
  const Resources = { Queue: QUEUE, Worker: { ...Worker, Properties: { ...Worker.Properties, Timeout: 1 } } };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources } }, { code }) });
  const Payload = JSON.stringify({ QueueUrl: `${cloud.endpoint}/000000000000/orders` });
  const { FunctionError } = await new LambdaClient(clientConfig(cloud)).send(
    new InvokeCommand({ FunctionName: "worker", Payload }),
  );
  expect(FunctionError).toBe("Unhandled");
  await send(cloud);
  expect(held(cloud)).toEqual([unread]);
});
