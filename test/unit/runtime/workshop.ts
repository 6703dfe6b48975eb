import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { type EntityId, keyOf } from "#lib/contracts/entity.ts";
import { createEnvelope, defineEntity, defineEvent, defineService, defineTopic, type Envelope } from "#lib/contracts/index.ts";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import type { Clients } from "#lib/runtime/lambda/clients.ts";
import type { ServiceConfig } from "#lib/runtime/lambda/config.ts";
import { consumer, type ConsumerHandler, type Handler } from "#lib/runtime/consumer.ts";
import type { ItemInbox } from "#lib/runtime/unit/item-inbox.ts";
import type { Log } from "#lib/runtime/lambda/logger.ts";
import { template } from "./workshop-template.ts";

const news = defineTopic({ name: "news", description: "What the workshop hears and tells." });
const tool = v.object({ name: v.string(), pieces: v.number(), note: v.optional(v.string()) });

/** An event that the workshop handles. */
export const toolWanted = defineEvent({
  type: "tool.wanted.v1",
  topic: news,
  description: "Somebody needs a tool.",
  schema: tool,
  subject: ({ name }) => name,
  example: { name: "hammer", pieces: 1 },
});

/** An event that the workshop publishes. */
export const toolMade = defineEvent({ ...toolWanted, schema: tool, type: "tool.made.v1", description: "A tool is there." });

/** What the workshop has on its shelf. */
export const shelf = defineEntity({ name: "shelf", schema: tool, id: ({ name }) => name });

/** A note on paper: of any attributes, the reserved ones too. */
export const paper = defineEntity({ name: "paper", schema: v.looseObject({ name: v.string() }), id: ({ name }) => name });

/** A service to try the runtime on. */
export const service = defineService("workshop", "Makes tools.", {
  consumes: [toolWanted],
  publishes: [toolMade],
  owns: [shelf, paper],
});

/** The workshop's handler of its one event. */
export type WorkshopHandler = Handler<typeof toolWanted, typeof service>;

/** A line of the log. */
export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What an invocation did. */
export interface Delivery {
  /** Ids of the events that are to come back. */
  readonly failed: readonly string[];
  readonly log: readonly LogLine[];
}

/** How events are delivered. */
export interface DeliveryOptions {
  readonly clients?: Clients;
  /** How often the events have been received, this time included; of all, or of each by its id. @default 1 */
  readonly attempt?: number | Readonly<Record<string, number>>;
  /** As records of a FIFO queue, each in the group of its event's subject. @default false */
  readonly fifo?: boolean;
  /** What the invocation has left. @default 10,000 */
  readonly milliseconds?: number;
  readonly itemInbox?: ItemInbox;
}

/** A body to deliver; with a group it comes from a FIFO queue. */
export interface Body {
  readonly messageId: string;
  readonly body: string;
  readonly groupId?: string;
}

/** Real engines with one table, queues and one topic, and a consumer whose handler the test gives. */
export class Workshop implements AsyncDisposable {
  readonly clients: Clients & { dynamodb: DynamoDBClient };
  readonly config: ServiceConfig;
  readonly #cloud: Cloud;

  private constructor(cloud: Cloud) {
    this.#cloud = cloud;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = { endpoint: cloud.endpoint, region: "us-east-1", credentials };
    this.clients = { dynamodb: new DynamoDBClient(client), sns: new SNSClient(client), sqs: new SQSClient(client) };
    const queueUrl = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
    this.config = {
      service: service.name,
      version: "test",
      table: "workshop",
      queueUrl: queueUrl("workshop"),
      deadLetterQueueUrl: queueUrl("workshop-dlq"),
      maxReceiveCount: 10,
      inboxDays: 32,
      topicArns: new Map([["news", "arn:aws:sns:us-east-1:000000000000:news"]]),
    };
  }

  static async open(): Promise<Workshop> {
    const assembly = mkdtempSync(join(tmpdir(), "fanfare-workshop-"));
    writeFileSync(join(assembly, "workshop.template.json"), JSON.stringify(template));
    const artifacts = {
      workshop: { type: "aws:cloudformation:stack", properties: { templateFile: "workshop.template.json" } },
    };
    writeFileSync(join(assembly, "manifest.json"), JSON.stringify({ version: "55.0.0", artifacts }));
    try {
      return new Workshop(await startCloud({ assembly, port: 0 }));
    } finally {
      rmSync(assembly, { recursive: true });
    }
  }

  /** Hands events to the consumer in one batch, each as a record whose message id is the event's id. */
  deliver(events: readonly Envelope[], handler: WorkshopHandler, options: DeliveryOptions = {}): Promise<Delivery> {
    const bodies = events.map((event) => ({
      messageId: event.id,
      body: JSON.stringify(event),
      ...(options.fifo && { groupId: event.subject }),
    }));
    return this.deliverBodies(bodies, handler, options);
  }

  /** Hands bodies to the consumer in one batch. */
  async deliverBodies(
    bodies: readonly Body[],
    handler: WorkshopHandler,
    { clients = this.clients, attempt = 1, milliseconds = 10_000, fifo = false, itemInbox }: DeliveryOptions = {},
  ): Promise<Delivery> {
    const { log, lines } = memoryLog();
    const { queueUrl, deadLetterQueueUrl } = this.config;
    const fifoQueues = { queueUrl: `${queueUrl}.fifo`, deadLetterQueueUrl: `${deadLetterQueueUrl}.fifo` };
    const config = { ...this.config, ...(fifo && fifoQueues) };
    const handle = consumer(service, handler, { config, clients, log, ...(itemInbox && { itemInbox }) });
    return { failed: await invoke(handle, bodies, { attempt, milliseconds }), log: lines };
  }

  /** An item as it lies in the table, the runtime's own attributes included. */
  async stored(entity: { name: string }, id: EntityId): Promise<Record<string, unknown> | undefined> {
    const Key = marshall(keyOf(entity, id));
    const { Item } = await this.clients.dynamodb.send(new GetItemCommand({ TableName: "workshop", Key, ConsistentRead: true }));
    return Item && unmarshall(Item);
  }

  /** The events published so far, oldest first, as a subscriber receives them. */
  published(): Envelope[] {
    return this.#cloud.queues.look("told").messages.map(({ body }) => parseEnvelope(body));
  }

  /** The published events that an event led to. */
  publishedAfter({ id }: Envelope): Envelope[] {
    return this.published().filter(({ causationid }) => causationid === id);
  }

  /** What lies in the dead-letter queues for an event. */
  deadLetters({ id }: Pick<Envelope, "id">) {
    return ["workshop-dlq", "workshop-dlq.fifo"]
      .flatMap((name) => this.#cloud.queues.look(name).messages)
      .filter(({ messageAttributes }) => messageAttributes["originalMessageId"]?.StringValue === id)
      .map(({ body, messageAttributes }) => ({
        body,
        reason: Object.fromEntries(Object.entries(messageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
      }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cloud.stop();
  }
}

/** An event that asks for pieces of a tool. */
export function wanted(name: string, pieces = 1): Envelope {
  return createEnvelope(toolWanted, { name, pieces }, { source: "test" });
}

/**
 * A client whose calls pass `meet` first: it may throw, or answer in the service's place; when it answers undefined, the
 * call goes on.
 */
export function met<Client extends object>(client: Client, meet: (command: object) => unknown): Client {
  const send: unknown = Reflect.get(client, "send");
  if (typeof send !== "function") throw new TypeError("expected a client of the AWS SDK");
  return new Proxy(client, {
    get: (target, property) =>
      property === "send"
        ? async (command: object): Promise<unknown> => {
            const answer: unknown = await meet(command);
            return answer ?? (Reflect.apply(send, target, [command]) as unknown);
          }
        : (Reflect.get(target, property) as unknown),
  });
}

/** A log that keeps its lines. */
export function memoryLog(): { log: Log; lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, details: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, details });
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

/** Invokes a consumer with one batch of bodies, and returns the message ids of those that are to come back. */
export async function invoke(
  handle: ConsumerHandler,
  bodies: readonly Body[],
  { attempt = 1, milliseconds = 10_000 }: Pick<DeliveryOptions, "attempt" | "milliseconds"> = {},
): Promise<string[]> {
  const Records = bodies.map((body) => recordOf(body, typeof attempt === "number" ? attempt : (attempt[body.messageId] ?? 1)));
  const { batchItemFailures } = await handle({ Records }, lambdaContext(milliseconds));
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

function recordOf({ messageId, body, groupId }: Body, attempt: number): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: "1732000000000",
      SenderId: "000000000000",
      ApproximateFirstReceiveTimestamp: "1732000000000",
      ...(groupId !== undefined && { MessageGroupId: groupId }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:workshop${groupId === undefined ? "" : ".fifo"}`,
    awsRegion: "us-east-1",
  };
}

function lambdaContext(milliseconds: number) {
  const end = Date.now() + milliseconds;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "workshop",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:workshop",
    memoryLimitInMB: "512",
    awsRequestId: "test",
    logGroupName: "test",
    logStreamName: "test",
    getRemainingTimeInMillis: () => end - Date.now(),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
