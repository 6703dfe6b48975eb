import { makeIdempotent, IdempotencyConfig } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import middy from "@middy/core";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { createEnvelope, defineService } from "#lib/contracts/index.ts";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { readAs } from "#lib/contracts/versions.ts";
import type { ConsumerHandler } from "#lib/runtime/consumer.ts";
import { consumer } from "#lib/runtime/index.ts";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { sample, sampleTaken } from "../fixture/contract.ts";
import type { Row } from "../measurement.ts";

const EVENTS = 200;

const parts = { consumes: [sampleTaken], publishes: [], owns: [sample] } as const;
const withRecords = defineService("bench", "Keeps the last sample.", parts);
const withHomes = defineService("bench", "Keeps the last sample.", {
  ...parts,
  inbox: { entity: sample, id: ({ subject }) => subject },
});

/** What a way of handling an event once costs. */
interface Cost {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly calls: number;
}

/** What an event costs at DynamoDB, by the engine's own ConsumedCapacity: read an item, write it, once per event. */
export async function costOfEvent(say: (line: string) => void): Promise<Row[]> {
  const engine = await startDynoxide({ onDeath: (reason) => console.error(reason) });
  const metered = meter(engine.endpoint);
  try {
    await createTables(metered.dynamodb);
    const measure = async (what: string, handle: ConsumerHandler): Promise<Cost> => {
      say(what);
      const deliver = async (sampleId: string): Promise<void> => {
        const { batchItemFailures } = await handle({ Records: [recordOf(sampleId)] }, context);
        if (batchItemFailures.length > 0) throw new Error(`${what}: an event failed`);
      };
      // The first event in a table also notes there where the inbox lies.
      await deliver(`${what} first`);
      metered.reset();
      for (let index = 0; index < EVENTS; index++) await deliver(`${what} ${index}`);
      return metered.perEvent();
    };
    // Each has a table: one that has had the other's entries is written in both places for a while.
    const inItem = await measure("inbox in the item", ours(metered.dynamodb, withHomes, "homes"));
    const record = await measure("inbox record", ours(metered.dynamodb, withRecords, config.table));
    const powertools = await measure("Powertools", theirs(metered.dynamodb));
    return [
      {
        what: "cost of an event that reads and writes one item",
        measured: text(record),
        reach: "4 write units; 1 with the inbox in the item",
        reached: record.writeUnits <= 4 && inItem.writeUnits <= 1,
        comparison:
          `By ConsumedCapacity, per event of ${EVENTS}. With the inbox in the item: ${text(inItem)}. The same handler under middy and ` +
          `Powertools idempotency, which keeps no outgoing events: ${text(powertools)}`,
      },
    ];
  } finally {
    metered.dynamodb.destroy();
    await engine.stop();
  }
}

function ours(dynamodb: DynamoDBClient, service: typeof withRecords, table: string): ConsumerHandler {
  const idle = { send: () => Promise.resolve({}) };
  const silent = () => {};
  return consumer(
    service,
    {
      async "sample.taken.v1"({ data }, unit) {
        await unit.get(sample, data.sampleId);
        unit.put(sample, data);
      },
    },
    {
      config: { ...config, table },
      clients: { dynamodb, sns: idle, sqs: idle },
      log: { debug: silent, info: silent, warn: silent, error: silent },
    },
  );
}

/** The peer: an idempotency record in progress, the state, the idempotency record done. */
function theirs(dynamodb: DynamoDBClient): ConsumerHandler {
  const idempotency = new IdempotencyConfig({ eventKeyJmesPath: "id" });
  idempotency.registerLambdaContext(context);
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: "idempotency", awsSdkV3Client: dynamodb });
  const handleEvent = makeIdempotent(
    async (event: { id: string; data: unknown }) => {
      const data = readAs(sampleTaken, sampleTaken.type, event.data);
      const key = { pk: { S: `sample#${data.sampleId}` }, sk: { S: "-" } };
      await dynamodb.send(new GetItemCommand({ TableName: config.table, Key: key, ConsistentRead: true }));
      const item = { ...key, sampleId: { S: data.sampleId }, text: { S: data.text } };
      await dynamodb.send(new PutItemCommand({ TableName: config.table, Item: item }));
      return {};
    },
    { persistenceStore, config: idempotency },
  );
  const handle = middy(async ({ Records }: Pick<SQSEvent, "Records">): Promise<SQSBatchResponse> => {
    for (const { body } of Records) {
      const { id, data } = parseEnvelope(body);
      await handleEvent({ id, data });
    }
    return { batchItemFailures: [] };
  });
  return (event) => handle(event, context);
}

/** A client that has the engine say what each call consumed, and adds it up. */
function meter(endpoint: string) {
  const dynamodb = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
  let sum = { writeUnits: 0, readUnits: 0, calls: 0 };
  dynamodb.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
        const result = await next(args);
        const units = unitsOf(result.output);
        const reads = commandName.startsWith("Get") || commandName.startsWith("BatchGet");
        sum = {
          writeUnits: sum.writeUnits + (reads ? 0 : units),
          readUnits: sum.readUnits + (reads ? units : 0),
          calls: sum.calls + 1,
        };
        return result;
      },
    { step: "initialize" },
  );
  return {
    dynamodb,
    reset: () => void (sum = { writeUnits: 0, readUnits: 0, calls: 0 }),
    perEvent: (): Cost => ({
      writeUnits: sum.writeUnits / EVENTS,
      readUnits: sum.readUnits / EVENTS,
      calls: sum.calls / EVENTS,
    }),
  };
}

const consumed = v.object({ CapacityUnits: v.number() });
const answer = v.object({ ConsumedCapacity: v.optional(v.union([consumed, v.array(consumed)])) });

function unitsOf(output: unknown): number {
  const { ConsumedCapacity: capacity } = v.parse(answer, output);
  if (!capacity) return 0;
  return [capacity].flat().reduce((units, { CapacityUnits }) => units + CapacityUnits, 0);
}

async function createTables(dynamodb: DynamoDBClient): Promise<void> {
  const tables = { [config.table]: ["pk", "sk"], homes: ["pk", "sk"], idempotency: ["id"] };
  for (const [name, keys] of Object.entries(tables)) {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: "S" })),
        KeySchema: keys.map((key, index) => ({ AttributeName: key, KeyType: index === 0 ? "HASH" : "RANGE" })),
      }),
    );
  }
}

const config = {
  service: withRecords.name,
  version: "bench",
  table: "bench",
  queueUrl: "https://queue.invalid",
  deadLetterQueueUrl: "https://queue.invalid",
  maxReceiveCount: 10,
  inboxDays: 32,
  topicArns: new Map<string, string>(),
};

function recordOf(sampleId: string): SQSRecord {
  const body = JSON.stringify(createEnvelope(sampleTaken, { ...sampleTaken.example, sampleId }, { source: "bench" }));
  return {
    messageId: sampleId,
    receiptHandle: sampleId,
    body,
    attributes: { ApproximateReceiveCount: "1", SentTimestamp: "0", SenderId: "bench", ApproximateFirstReceiveTimestamp: "0" },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:bench",
    awsRegion: "us-east-1",
  };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Lambda's context has a dozen fields that nobody here reads
const context = { getRemainingTimeInMillis: () => 30_000 } as Context;

function text({ writeUnits, readUnits, calls }: Cost): string {
  return `${writeUnits.toFixed(1)} write units, ${readUnits.toFixed(1)} read units, ${calls.toFixed(1)} calls`;
}
