import { DeleteItemCommand, DescribeTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import {
  clientConfig,
  codeFolder,
  lambda,
  runCloud,
  table,
  temporaryFolder,
  writeAssembly,
} from "../../../support/cloud-support.ts";
import { StreamsClient } from "./streams.ts";

interface Shape {
  /** The function's source. */
  source: string;
  /** Properties of the mapping beside source and function. */
  mapping?: object;
  view?: string;
  table?: object;
}

/** Logs the sequence of what it is given: `INSERT 1`, and fails on the keys that `bad` names as often as it says. */
const HANDLER = `
const failures = JSON.parse(process.env.FAILURES ?? "{}");
export const handler = async ({ Records }) => {
  console.log(JSON.stringify(Records.map(({ eventName, dynamodb }) => eventName + " " + dynamodb.Keys.pk.S)));
  for (const { dynamodb } of Records) {
    const key = dynamodb.Keys.pk.S;
    if ((failures[key] ??= 0) > 0) {
      failures[key] -= 1;
      if (process.env.PARTIAL) return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }] };
      throw new Error("not " + key);
    }
  }
};`;

function assemblyOf(
  { source, mapping = {}, view = "NEW_AND_OLD_IMAGES", table: properties = {} }: Shape,
  environment: object = {},
) {
  return writeAssembly(
    {
      shop: {
        Resources: {
          Orders: table("orders", { StreamSpecification: { StreamViewType: view }, ...properties }),
          GivenUp: { Type: "AWS::SQS::Queue", Properties: { QueueName: "given-up" } },
          Reader: lambda("reader", "code", environment),
          Mapping: {
            Type: "AWS::Lambda::EventSourceMapping",
            Properties: {
              EventSourceArn: { "Fn::GetAtt": ["Orders", "StreamArn"] },
              FunctionName: { Ref: "Reader" },
              StartingPosition: "LATEST",
              ...mapping,
            },
          },
        },
      },
    },
    { code: codeFolder(source) },
  );
}

const runStream = (shape: Partial<Shape>, environment: object = {}) =>
  runCloud({ assembly: assemblyOf({ source: HANDLER, ...shape }, environment) });

const client = (cloud: Cloud) => new DynamoDBClient(clientConfig(cloud));

async function put(cloud: Cloud, pk: string, item: object = {}): Promise<void> {
  await client(cloud).send(new PutItemCommand({ TableName: "orders", Item: { pk: { S: pk }, ...item } }));
}

/** What the function has logged; its errors are logged by the runtime. */
function logged(cloud: Cloud): unknown[] {
  const lines = cloud.activity.recent().flatMap((activity) => (activity.kind === "log" ? [activity.line] : []));
  return lines.filter((line) => line.startsWith("[")).map((line): unknown => JSON.parse(line));
}

/** What lies in the queue of batches that were given up. */
const givenUp = (cloud: Cloud): unknown[] =>
  cloud.queues.look("given-up").messages.map(({ body }): unknown => JSON.parse(body));

/** Hurries retries until all changes are handled. */
async function settled(cloud: Cloud): Promise<void> {
  await vi.waitFor(async () => {
    cloud.skipWaits();
    await cloud.settled(100);
  }, 20_000);
}

test("a function is fed with each change of an item, in order, as DynamoDB Streams tells it", async () => {
  const source = "export const handler = async ({ Records }) => console.log(JSON.stringify(Records));";
  const cloud = await runStream({ source });
  await put(cloud, "1", { state: { S: "placed" } });
  await put(cloud, "1", { state: { S: "paid" } });
  await client(cloud).send(new DeleteItemCommand({ TableName: "orders", Key: { pk: { S: "1" } } }));
  await cloud.settled(10_000);
  const { Table } = await client(cloud).send(new DescribeTableCommand({ TableName: "orders" }));
  const streamArn = Table?.LatestStreamArn;
  expect(streamArn).toMatch(/^arn:aws:dynamodb:us-east-1:000000000000:table\/orders\/stream\/\d{4}-\d\d-\d\dT/);
  const common = { eventSource: "aws:dynamodb", awsRegion: "us-east-1", eventSourceARN: streamArn };
  const [placed, paid] = [
    { pk: { S: "1" }, state: { S: "placed" } },
    { pk: { S: "1" }, state: { S: "paid" } },
  ];
  expect(logged(cloud).flat()).toMatchObject([
    { ...common, eventName: "INSERT", dynamodb: { Keys: { pk: { S: "1" } }, NewImage: placed } },
    { ...common, eventName: "MODIFY", dynamodb: { OldImage: placed, NewImage: paid } },
    { ...common, eventName: "REMOVE", dynamodb: { OldImage: paid } },
  ]);
});

test.each([
  ["KEYS_ONLY", []],
  ["NEW_IMAGE", ["NewImage"]],
  ["OLD_IMAGE", ["OldImage"]],
  ["NEW_AND_OLD_IMAGES", ["NewImage", "OldImage"]],
])("a stream of the view %s holds the images %j of a change", async (view, images) => {
  const source = `export const handler = async ({ Records }) => {
    for (const { eventName, dynamodb } of Records)
      if (eventName === "MODIFY") console.log(JSON.stringify(Object.keys(dynamodb).filter((it) => it.endsWith("Image")).sort()));
  };`;
  const cloud = await runStream({ source, view });
  await put(cloud, "1");
  await put(cloud, "1", { state: { S: "paid" } });
  await cloud.settled(10_000);
  expect(logged(cloud)).toEqual([images]);
});

test("a write that leaves an item as it is tells nothing", async () => {
  const cloud = await runStream({});
  await put(cloud, "1");
  await put(cloud, "1");
  await cloud.settled(10_000);
  expect(logged(cloud).flat()).toEqual(["INSERT 1"]);
});

test("a batch that fails holds up what comes after it until it is handled", async () => {
  const cloud = await runStream({ mapping: { BatchSize: 1 } }, { FAILURES: JSON.stringify({ 1: 2 }) });
  await put(cloud, "1");
  await put(cloud, "2");
  await settled(cloud);
  expect(logged(cloud).flat()).toEqual(["INSERT 1", "INSERT 1", "INSERT 1", "INSERT 2"]);
});

test("with partial failures the batch goes on at the record that failed", async () => {
  const mapping = { FunctionResponseTypes: ["ReportBatchItemFailures"], MaximumBatchingWindowInSeconds: 300, BatchSize: 3 };
  const cloud = await runStream({ mapping }, { FAILURES: JSON.stringify({ 2: 1 }), PARTIAL: "yes" });
  for (const key of ["1", "2", "3"]) await put(cloud, key);
  await settled(cloud);
  expect(logged(cloud)).toEqual([
    ["INSERT 1", "INSERT 2", "INSERT 3"],
    ["INSERT 2", "INSERT 3"],
  ]);
});

test("a batch is cut in two where its mapping says so, and what fails alone is given up and told of", async () => {
  const mapping = {
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 1,
    MaximumBatchingWindowInSeconds: 300,
    BatchSize: 4,
    DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["GivenUp", "Arn"] } } },
  };
  const cloud = await runStream({ mapping }, { FAILURES: JSON.stringify({ 3: 99 }) });
  for (const key of ["1", "2", "3", "4"]) await put(cloud, key);
  await settled(cloud);
  expect(logged(cloud)).toEqual([
    ["INSERT 1", "INSERT 2", "INSERT 3", "INSERT 4"],
    ["INSERT 1", "INSERT 2"],
    ["INSERT 3", "INSERT 4"],
    ["INSERT 3"],
    ["INSERT 3"],
    ["INSERT 4"],
  ]);
  expect(givenUp(cloud)).toMatchObject([
    {
      requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
      responseContext: { functionError: "Unhandled" },
      DDBStreamBatchInfo: { batchSize: 1 },
    },
  ]);
});

test("a function is fed with the changes that match one of its filters, and with no other", async () => {
  const pattern = { eventName: ["INSERT"], dynamodb: { NewImage: { total: { N: [{ numeric: [">", 10] }] } } } };
  const text = { eventName: ["INSERT"], dynamodb: { NewImage: { customer: { S: [{ prefix: "vip-" }] } } } };
  const Filters = [pattern, text].map((it) => ({ Pattern: JSON.stringify(it) }));
  const cloud = await runStream({ mapping: { FilterCriteria: { Filters } } });
  await put(cloud, "1", { customer: { S: "vip-1" } });
  await put(cloud, "1", { customer: { S: "vip-2" } });
  await put(cloud, "2", { customer: { S: "other" } });
  await put(cloud, "3", { customer: { S: "vip-3" } });
  await cloud.settled(10_000);
  expect(logged(cloud).flat()).toEqual(["INSERT 1", "INSERT 3"]);
});

test("a mapping goes on after a restart where it stopped", async () => {
  const assembly = assemblyOf({ source: HANDLER, mapping: { StartingPosition: "TRIM_HORIZON" } });
  const persist = temporaryFolder();
  const first = await runCloud({ assembly, persist });
  await put(first, "1");
  await first.settled(10_000);
  await first.stop();
  const second = await runCloud({ assembly, persist });
  await put(second, "2");
  await second.settled(10_000);
  expect(logged(second).flat()).toEqual(["INSERT 2"]);
});

test("what was written before a cloud ended is handled by the next, also where its mapping begins with the latest", async () => {
  const assembly = assemblyOf({ source: HANDLER });
  const persist = temporaryFolder();
  const first = await runCloud({ assembly, persist });
  await first.functions.disable("reader");
  await put(first, "1");
  await first.stop();
  const second = await runCloud({ assembly, persist });
  await second.settled(10_000);
  expect(logged(second).flat()).toEqual(["INSERT 1"]);
});

test("a stream is listed under the name that its table has", async () => {
  const cloud = await runStream({});
  const streams = new StreamsClient(cloud);
  const StreamArn = await streams.arnOf("orders");
  expect(await streams.call("ListStreams", {})).toMatchObject({ Streams: [{ StreamArn, TableName: "orders" }] });
  expect(await streams.call("ListStreams", { TableName: "others" })).toMatchObject({ Streams: [] });
});
