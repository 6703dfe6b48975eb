import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consumer } from "#lib/runtime/consumer.ts";
import { memoryLog, met, service, wanted, Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const event = wanted("anvil");
const ANVIL: SQSRecord = {
  messageId: "first",
  receiptHandle: "receipt",
  body: JSON.stringify(event),
  attributes: {
    ApproximateReceiveCount: "1",
    SentTimestamp: "1732000000000",
    SenderId: "test",
    ApproximateFirstReceiveTimestamp: "1732000000000",
    MessageGroupId: "tenant 7",
    AWSTraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
  },
  messageAttributes: {
    type: { dataType: "String", stringValue: event.type },
    redrives: { dataType: "Number", stringValue: "3" },
    seal: { dataType: "Binary", binaryValue: "AQID" },
  },
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:workshop",
  awsRegion: "us-east-1",
};

/** Lets a record fail. Returns what was sent for it, and what was reported as failed. */
async function fail(record: SQSRecord, isRefused = false) {
  const sent: SendMessageCommand["input"][] = [];
  const sqs = met(workshop.clients.sqs, (command) => {
    if (!(command instanceof SendMessageCommand)) return {};
    if (isRefused && command.input.QueueUrl === workshop.config.queueUrl) throw new Error("no such queue");
    sent.push(command.input);
    return {};
  });
  const clients = { ...workshop.clients, sqs };
  const jammed = () => {
    throw new Error("jammed");
  };
  const handle = consumer(service, jammed, { config: workshop.config, clients, log: memoryLog().log });
  const { batchItemFailures } = await handle({ Records: [record] }, { getRemainingTimeInMillis: () => 30_000 });
  return { sent, reported: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

/** The record of a message that was sent again. */
function received({ MessageAttributes = {} }: SendMessageCommand["input"], messageId: string): SQSRecord {
  const carried = { dataType: "String", stringValue: MessageAttributes["earlierAttempts"]?.StringValue ?? "" };
  return { ...ANVIL, messageId, messageAttributes: { ...ANVIL.messageAttributes, earlierAttempts: carried } };
}

describe("a message that is sent again", () => {
  test("is the whole message: its body, its attributes, its tenant and its trace", async () => {
    const { sent, reported } = await fail(ANVIL);

    expect(reported).toEqual([]);
    expect(sent).toMatchObject([
      {
        QueueUrl: workshop.config.queueUrl,
        MessageBody: ANVIL.body,
        MessageGroupId: "tenant 7",
        MessageAttributes: {
          type: { DataType: "String", StringValue: event.type },
          redrives: { DataType: "Number", StringValue: "3" },
          seal: { DataType: "Binary", BinaryValue: Buffer.from([1, 2, 3]) },
        },
        MessageSystemAttributes: { AWSTraceHeader: { StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" } },
      },
    ]);
    expect(sent[0]?.DelaySeconds).toBeGreaterThanOrEqual(1);
  });

  test("remembers its tries, first receive and first id, until it is dead with them", async () => {
    let record = ANVIL;
    for (let attempt = 1; attempt < 10; attempt++) {
      const { sent } = await fail(record);
      record = received(sent[0]!, `copy ${attempt}`);
    }
    const { sent } = await fail(record);

    expect(sent).toHaveLength(1);
    expect(sent[0]?.QueueUrl).toBe(workshop.config.deadLetterQueueUrl);
    expect(sent[0]?.MessageAttributes).toMatchObject({
      attempts: { StringValue: "10" },
      originalMessageId: { StringValue: "first" },
      firstReceivedAt: { StringValue: "2024-11-19T07:06:40.000Z" },
      redrives: { StringValue: "3" },
    });
  });

  test.each([
    ["that before its redrive", ANVIL.messageAttributes, "2024-10-31T00:00:00.000Z"],
    [
      "that before SQS's own redrive",
      { originalMessageId: { dataType: "String", stringValue: "first" } },
      "2024-10-31T00:00:00.000Z",
    ],
    ["its own, when a time of that name is its publisher's", {}, "2024-11-19T07:06:40.000Z"],
  ])("is dead with the time of its first receive: %s", async (_time, marks, expected) => {
    const carried = {
      messageId: "first",
      firstReceivedAt: 1_732_000_000_000,
      earlier: 9,
      failures: 9,
      waits: 0,
      unexplained: 0,
    };
    const noted = { dataType: "String", stringValue: "2024-10-31T00:00:00.000Z" };
    const earlierAttempts = { dataType: "String", stringValue: JSON.stringify(carried) };
    const { sent } = await fail({ ...ANVIL, messageAttributes: { ...marks, firstReceivedAt: noted, earlierAttempts } });
    expect(sent[0]?.MessageAttributes).toMatchObject({ firstReceivedAt: { StringValue: expected } });
  });

  test("stays in the queue when it cannot be sent, and is dead with its reason before SQS would move it without", async () => {
    expect((await fail(ANVIL, true)).reported).toEqual(["first"]);
    const last = { ...ANVIL, attributes: { ...ANVIL.attributes, ApproximateReceiveCount: "10" } };
    const { sent, reported } = await fail(last, true);

    expect(reported).toEqual([]);
    expect(sent[0]?.MessageAttributes).toMatchObject({ errorMessage: { StringValue: "jammed" } });
  });

  test("begins anew when somebody else has written what it carries", async () => {
    for (const stringValue of ["", "{", "null", "7", '{"failures":9}', '{"messageId":"x","failures":-1}']) {
      const carried = { dataType: "String", stringValue };
      const { sent } = await fail({ ...ANVIL, messageAttributes: { earlierAttempts: carried } });
      expect(sent[0]?.QueueUrl).toBe(workshop.config.queueUrl);
    }
  });
});
