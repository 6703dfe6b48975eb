import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSMessageAttributes, SQSRecord } from "aws-lambda";
import { vi } from "vitest";
import type { Envelope } from "#lib/contracts/index.ts";
import { consumer, type ConsumerHandler } from "#lib/runtime/consumer.ts";
import { memoryLog, met, service, type WorkshopHandler } from "../workshop.ts";

/** A message on its way. */
interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  receives: number;
  firstReceivedAt: number;
  visibleAt: number;
}

const FUNCTION_MILLISECONDS = 30_000;
const VISIBILITY_MILLISECONDS = 6 * FUNCTION_MILLISECONDS;
const BATCH_SIZE = 10;
const STEP_MILLISECONDS = 250;

const config = {
  service: service.name,
  version: "test",
  table: "workshop",
  queueUrl: "queue",
  deadLetterQueueUrl: "dead-letter-queue",
  maxReceiveCount: 10,
  inboxDays: 32,
  topicArns: new Map<string, string>(),
};

/** A standard queue in memory that feeds a consumer as an event source mapping does, on vitest's fake clock. */
export class ClockworkQueue {
  /** The reasons of what was given up: names of errors. */
  readonly dead: string[] = [];
  /** How long the longest message was hidden by its visibility timeout while nobody handled it, in seconds. */
  longestInFlight = 0;
  readonly #concurrency: number;
  readonly #messages = new Map<string, Message>();
  readonly #items = new Map<string, object>();
  readonly #handle: ConsumerHandler;
  #running = 0;
  #ids = 0;

  constructor(handler: WorkshopHandler, concurrency = 10, definition: typeof service = service) {
    this.#concurrency = concurrency;
    const client = { region: "us-east-1" };
    const answer = (command: object) => this.#answer(command) ?? {};
    const clients = {
      dynamodb: met(new DynamoDBClient(client), answer),
      sns: met(new SNSClient(client), answer),
      sqs: met(new SQSClient(client), answer),
    };
    this.#handle = consumer(definition, handler, { config, clients, log: memoryLog().log });
  }

  /** Puts an event into the queue. @param receives how often it has been received before, without an end */
  add(event: Envelope, receives = 0): void {
    this.#add({ body: JSON.stringify(event), attributes: {}, receives, visibleAt: Date.now() });
  }

  /** Lets time pass until the queue is empty. @returns the seconds that it took, at most those of the limit */
  async drain(limitSeconds: number): Promise<number> {
    const began = Date.now();
    while (this.#messages.size > 0 && Date.now() - began < limitSeconds * 1_000) {
      while (this.#running < this.#concurrency && this.#launch());
      const next = Math.min(...[...this.#messages.values()].map(({ visibleAt }) => visibleAt));
      const idle = this.#running > 0 ? 0 : next - Date.now();
      await vi.advanceTimersByTimeAsync(Math.max(STEP_MILLISECONDS, idle));
    }
    return (Date.now() - began) / 1_000;
  }

  #add(message: Omit<Message, "id" | "firstReceivedAt">): void {
    const id = `message-${++this.#ids}`;
    this.#messages.set(id, { ...message, id, firstReceivedAt: Date.now() });
  }

  /** Hands a batch to the consumer. @returns false when there is none */
  #launch(): boolean {
    const batch = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= Date.now()).slice(0, BATCH_SIZE);
    if (batch.length === 0) return false;
    for (const message of batch) {
      if (message.receives === 0) message.firstReceivedAt = Date.now();
      message.receives += 1;
      message.visibleAt = Date.now() + VISIBILITY_MILLISECONDS;
    }
    void this.#invoke(batch);
    return true;
  }

  async #invoke(batch: readonly Message[]): Promise<void> {
    this.#running += 1;
    const end = Date.now() + FUNCTION_MILLISECONDS;
    const { batchItemFailures } = await this.#handle(
      { Records: batch.map(toRecord) },
      { getRemainingTimeInMillis: () => end - Date.now() },
    );
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { id } of batch) if (!failed.has(id)) this.#messages.delete(id);
    this.#running -= 1;
  }

  #answer(command: object): object | undefined {
    if (command instanceof GetItemCommand) return { Item: this.#items.get(JSON.stringify(command.input.Key)) };
    if (command instanceof DeleteItemCommand) this.#items.delete(JSON.stringify(command.input.Key));
    if (command instanceof PutItemCommand) {
      const { pk, sk } = command.input.Item ?? {};
      this.#items.set(JSON.stringify({ pk, sk }), command.input.Item ?? {});
    }
    if (command instanceof SendMessageCommand) {
      const { QueueUrl, MessageBody: body = "", MessageAttributes: attributes = {}, DelaySeconds = 0 } = command.input;
      if (QueueUrl === config.queueUrl)
        this.#add({ body, attributes, receives: 0, visibleAt: Date.now() + DelaySeconds * 1_000 });
      else this.dead.push(attributes["errorName"]?.StringValue ?? "");
    }
    if (command instanceof ChangeMessageVisibilityCommand) {
      const { ReceiptHandle = "", VisibilityTimeout = 0 } = command.input;
      this.longestInFlight = Math.max(this.longestInFlight, VisibilityTimeout);
      const message = this.#messages.get(ReceiptHandle);
      if (message) message.visibleAt = Date.now() + VisibilityTimeout * 1_000;
    }
    if (command instanceof DeleteMessageBatchCommand) {
      for (const { ReceiptHandle = "" } of command.input.Entries ?? []) this.#messages.delete(ReceiptHandle);
    }
    return undefined;
  }
}

function toRecord({ id, body, attributes, receives, firstReceivedAt }: Message): SQSRecord {
  const messageAttributes: SQSMessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, { StringValue = "" }]) => [name, { dataType: "String", stringValue: StringValue }]),
  );
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(firstReceivedAt),
      SenderId: "test",
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    },
    messageAttributes,
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:workshop",
    awsRegion: "us-east-1",
  };
}
