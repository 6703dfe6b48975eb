import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { CloudError, startCloud } from "#lib/laptop/index.ts";
import {
  clientConfig,
  codeFolder,
  lambda,
  openToTopics,
  rawSubscription,
  runCloud,
  table,
  temporaryFolder,
  writeAssembly,
  type TestTemplate,
} from "../support/cloud-support.ts";

const PERSIST_FOLDER = join(import.meta.dirname, "../../lib/laptop/shared/persistence/persist-folder.ts");

const queue = (visibility: number) => ({
  Type: "AWS::SQS::Queue",
  Properties: { QueueName: "orders", VisibilityTimeout: visibility },
});
const subscribed = (type: string): TestTemplate["Resources"] => ({
  Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
  Queue: queue(30),
  Policy: openToTopics("Queue"),
  Subscription: rawSubscription({ FilterPolicy: { type: [type] } }),
});

test("messages, items and parameters outlive a restart, on whatever port the next cloud listens", async () => {
  const persist = temporaryFolder();
  const assembly = writeAssembly({ shop: { Resources: { Queue: queue(30), Table: table("orders") } } });
  const first = await runCloud({ assembly, persist, parameters: { "/kept": "yes" } });
  const { QueueUrl } = { QueueUrl: `${first.endpoint}/000000000000/orders` };
  await new SQSClient(clientConfig(first)).send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
  const item = { pk: { S: "kept" } };
  await new DynamoDBClient(clientConfig(first)).send(new PutItemCommand({ TableName: "orders", Item: item }));
  await first.stop();

  const second = await runCloud({ assembly, persist });
  expect(second.queues.look("orders").messages).toMatchObject([{ body: "kept", state: "ready" }]);
  const found = await new DynamoDBClient(clientConfig(second)).send(new GetItemCommand({ TableName: "orders", Key: item }));
  expect(found.Item).toEqual(item);
});

test("a changed template brings queues, subscriptions and tables up to date", async () => {
  const persist = temporaryFolder();
  const before = writeAssembly({ shop: { Resources: { ...subscribed("old.v1"), Queue: queue(30) } } });
  await (await runCloud({ assembly: before, persist })).stop();

  const after = writeAssembly({ shop: { Resources: { ...subscribed("new.v1"), Queue: queue(60), Added: table("added") } } });
  const cloud = await runCloud({ assembly: after, persist });
  const { topics, tables } = await cloud.status();
  expect(topics[0]?.subscriptions).toEqual([{ queue: "orders", filterPolicy: '{"type":["new.v1"]}' }]);
  expect(tables).toEqual([{ name: "added", items: 0 }]);
});

test("a subscription that the template no longer has is ended", async () => {
  const persist = temporaryFolder();
  await (await runCloud({ assembly: writeAssembly({ shop: { Resources: subscribed("old.v1")! } }), persist })).stop();
  const { Subscription: _, ...others } = subscribed("old.v1")!;
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources: others } }), persist });
  await new SNSClient(clientConfig(cloud)).send(
    new PublishCommand({
      TopicArn: "arn:aws:sns:us-east-1:000000000000:events",
      Message: "m",
      MessageAttributes: { type: { DataType: "String", StringValue: "old.v1" } },
    }),
  );
  expect(cloud.queues.look("orders").messages).toEqual([]);
});

test("a received message can be handed back at once also where messages are kept", async () => {
  const cloud = await runCloud({
    assembly: writeAssembly({ shop: { Resources: { Queue: queue(30) } } }),
    persist: temporaryFolder(),
  });
  const client = new SQSClient(clientConfig(cloud));
  const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  const ReceiptHandle = Messages[0]?.ReceiptHandle;
  await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  expect(cloud.queues.look("orders").counts).toEqual({ ready: 1, inFlight: 0, delayed: 0 });
});

test("the claim of a process that is gone is no claim, also where this one has its id", async () => {
  const persist = temporaryFolder();
  writeFileSync(join(persist, "lock"), `process ${process.pid} on ${hostname()}`);
  writeFileSync(join(persist, "lock.sqlite"), "");
  const cloud = await runCloud({ assembly: writeAssembly({}), persist });
  expect((await cloud.status()).endpoint).toBe(cloud.endpoint);
});

test("a folder in use says by whom", async () => {
  const persist = temporaryFolder();
  await runCloud({ assembly: writeAssembly({}), persist });
  await expect(runCloud({ assembly: writeAssembly({}), persist })).rejects.toThrow(
    `${persist} is in use by process ${process.pid} on ${hostname()}. Stop it, or use another folder.`,
  );
});

test("of ten processes that claim the folder of a dead one, one gets it", async () => {
  const persist = temporaryFolder();
  writeFileSync(join(persist, "lock"), "process 1 on gone");
  const claim = `
    import { claimPersistFolder } from ${JSON.stringify(PERSIST_FOLDER)};
    process.stdin.once("end", () => process.exit()).resume();
    try { claimPersistFolder(${JSON.stringify(persist)}); console.log("claimed"); } catch (error) { console.log(error.message); }`;
  const claims = Array.from({ length: 10 }, () => spawn(process.execPath, ["--input-type=module", "--eval", claim]));
  onTestFinished(() => claims.forEach((child) => child.stdin.destroy()));
  const said = await Promise.all(claims.map(async (child) => String((await once(child.stdout, "data"))[0])));
  expect(said.filter((line) => line.startsWith("claimed"))).toHaveLength(1);
  expect(said.filter((line) => line.includes("is in use by"))).toHaveLength(9);
});

test.each(["parameters.json", "streams.json", "cloud.sqlite"])(
  "a %s that is broken is named, with what to do",
  async (file) => {
    const persist = temporaryFolder();
    writeFileSync(join(persist, file), "{ broken");
    const starting = startCloud({ assembly: writeAssembly({ shop: {} }), persist, port: 0 });
    await expect(starting).rejects.toThrow(CloudError);
    await expect(starting).rejects.toThrow(`${join(persist, file)} `);
  },
);

test("a stream is read on where how far cannot be kept", async () => {
  const persist = temporaryFolder();
  const feed = {
    Orders: table("orders", { StreamSpecification: { StreamViewType: "KEYS_ONLY" } }),
    Audit: lambda("audit", "code"),
    Changes: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        FunctionName: { Ref: "Audit" },
        EventSourceArn: { "Fn::GetAtt": ["Orders", "StreamArn"] },
        StartingPosition: "TRIM_HORIZON",
      },
    },
  };
  const assembly = writeAssembly({ shop: { Resources: feed } }, { code: codeFolder("export const handler = async () => {};") });
  const cloud = await runCloud({ assembly, persist });
  mkdirSync(join(persist, "streams.json.new"));
  const put = (pk: string) =>
    new DynamoDBClient(clientConfig(cloud)).send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: pk } } }));
  const told = () => cloud.activity.recent().filter(({ kind }) => kind === "invocation").length;
  await put("a");
  await expect.poll(told, { timeout: 10_000 }).toBe(1);
  await put("b");
  await expect.poll(told, { timeout: 10_000 }).toBe(2);
});

test("a cloud that fails at a step of its stop takes the others all the same", async () => {
  const persist = temporaryFolder();
  const cloud = await startCloud({ assembly: writeAssembly({ shop: {} }), persist, port: 0 });
  vi.spyOn(DatabaseSync.prototype, "close").mockImplementationOnce(() => {
    throw new Error("the disk is full");
  });
  await expect(cloud.stop()).rejects.toThrow("the disk is full");
  await expect.poll(() => isRunning(cloud.tableProcess ?? 0)).toBe(false);
  // Neither the folder nor anything else is held.
  await runCloud({ assembly: writeAssembly({ shop: {} }), persist });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
