import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetFunctionCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test, vi } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, codeFolder, lambda, runCloud, writeAssembly } from "../support/cloud-support.ts";

/** A queue with a dead-letter queue, drained one message at a time by a function of this source. */
async function drainedQueue(source: string): Promise<Cloud> {
  const assembly = writeAssembly(
    {
      shop: {
        Resources: {
          Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: "work-dead" } },
          Work: {
            Type: "AWS::SQS::Queue",
            Properties: {
              QueueName: "work",
              VisibilityTimeout: 300,
              RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 2 },
            },
          },
          Worker: lambda("worker", "code"),
          Mapping: {
            Type: "AWS::Lambda::EventSourceMapping",
            Properties: { EventSourceArn: { "Fn::GetAtt": ["Work", "Arn"] }, FunctionName: { Ref: "Worker" }, BatchSize: 1 },
          },
        },
      },
    },
    { code: codeFolder(source) },
  );
  return runCloud({ assembly });
}

async function send(cloud: Cloud, MessageBody: string, DelaySeconds = 0) {
  const QueueUrl = `${cloud.endpoint}/000000000000/work`;
  await new SQSClient(clientConfig(cloud)).send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
}

test("a queue's messages are handled, and then the cloud has settled", async () => {
  const cloud = await drainedQueue("export const handler = async ({ Records }) => console.log(Records[0].body);");
  await send(cloud, "hello");
  await cloud.settled(10_000);
  expect(cloud.activity.recent().map((it) => (it.kind === "log" ? it.line : it.kind))).toContain("hello");
  const { queues, functions } = await cloud.status();
  expect(functions).toMatchObject([{ name: "worker", invocations: 1, errors: 0, running: 0 }]);
  expect(queues).toMatchObject([
    { name: "work", ready: 0, inFlight: 0, deadLetterQueue: "work-dead", drainedBy: "worker" },
    { name: "work-dead", deadLettersOf: ["work"] },
  ]);
});

test("a message that fails waits out its visibility timeout unless it is hurried, and ends in the dead-letter queue", async () => {
  const cloud = await drainedQueue('export const handler = async () => { throw new Error("no"); };');
  const failed = (times: number) =>
    vi.waitUntil(async () => (await cloud.status()).functions[0]?.errors === times, { timeout: 10_000 });
  await send(cloud, "poison");
  await failed(1);
  await expect(cloud.settled(50)).rejects.toThrow("work has 0 ready, 1 in flight, 0 delayed");
  cloud.skipWaits();
  await failed(2);
  await expect(cloud.settled(50)).rejects.toThrow("1 in flight");
  cloud.skipWaits();
  await cloud.settled(10_000);
  expect(cloud.queues.deadLetters("work")).toMatchObject([{ body: "poison" }]);
  expect((await cloud.status()).functions).toMatchObject([{ invocations: 2, errors: 2 }]);
});

test("a delayed message is due at once when it is hurried", async () => {
  const cloud = await drainedQueue("export const handler = async () => {};");
  await send(cloud, "later", 900);
  expect(cloud.queues.look("work").counts).toEqual({ ready: 0, inFlight: 0, delayed: 1 });
  cloud.skipWaits();
  await cloud.settled(10_000);
  expect((await cloud.status()).functions).toMatchObject([{ invocations: 1 }]);
});

test("a function is listed and invoked by the Lambda API, with its template's environment and Lambda's own", async () => {
  const source = `export const handler = async (event) => {
    if (event.fail) throw new TypeError("asked to");
    const { GREETING, AWS_REGION, AWS_ENDPOINT_URL, AWS_LAMBDA_FUNCTION_NAME, HOME } = process.env;
    return { event, GREETING, AWS_REGION, AWS_ENDPOINT_URL, AWS_LAMBDA_FUNCTION_NAME, HOME };
  };`;
  const resources = { Hello: lambda("hello", "code", { GREETING: "hi" }) };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources: resources } }, { code: codeFolder(source) }) });
  const client = new LambdaClient(clientConfig(cloud));
  const invoke = async (event: object) => {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: "hello", Payload: JSON.stringify(event) }),
    );
    return { FunctionError, payload: JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown };
  };
  expect((await invoke({ a: 1 })).payload).toEqual({
    event: { a: 1 },
    GREETING: "hi",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_LAMBDA_FUNCTION_NAME: "hello",
  });
  expect(await invoke({ fail: true })).toMatchObject({
    FunctionError: "Unhandled",
    payload: { errorType: "TypeError", errorMessage: "asked to" },
  });
  expect((await client.send(new ListFunctionsCommand({}))).Functions).toMatchObject([{ FunctionName: "hello" }]);
  await expect(client.send(new GetFunctionCommand({ FunctionName: "none" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("an edited bundle is run without a restart, and the swap is told", async () => {
  const folder = codeFolder('export const handler = async () => "old";');
  const cloud = await runCloud({
    assembly: writeAssembly({ shop: { Resources: { Hello: lambda("hello", "code") } } }, { code: folder }),
  });
  const invoke = async () => {
    const { Payload } = await new LambdaClient(clientConfig(cloud)).send(new InvokeCommand({ FunctionName: "hello" }));
    return Buffer.from(Payload ?? []).toString();
  };
  expect(await invoke()).toBe('"old"');
  const { promise: swapped, resolve } = Promise.withResolvers<string>();
  cloud.activity.subscribe((activity) => activity.kind === "notice" && resolve(activity.line));
  writeFileSync(join(folder, "index.mjs"), 'export const handler = async () => "new";');
  expect(await swapped).toBe("hello runs new code");
  expect(await invoke()).toBe('"new"');
});
