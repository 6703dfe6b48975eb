import {
  PublishBatchCommand,
  type PublishBatchCommandOutput,
  type PublishBatchRequestEntry,
  SNSClient,
} from "@aws-sdk/client-sns";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import { InvalidEventError } from "#lib/contracts/index.ts";
import { BATCH_ENTRIES, SNS_BATCH_BYTES } from "#lib/contracts/limits.ts";
import { createPublisher, EventTooLargeError, toPublish } from "#lib/runtime/index.ts";
import { sizeOf } from "#lib/runtime/publish/event-message.ts";
import { type OutgoingMessage, sendAll } from "#lib/runtime/publish/send.ts";
import { met, toolMade } from "../workshop.ts";

/** What SNS answers for one entry: taken, or its refusal. */
type Refusal = { Code: string; SenderFault: boolean } | undefined;

/** An SNS that keeps every request, and refuses the entries that it is told to. */
function fakeSns(refuse: (entry: PublishBatchRequestEntry, request: number) => Refusal = () => undefined) {
  const requests: { topicArn: string; messages: string[]; bytes: number }[] = [];
  const sns = met(new SNSClient({ region: "us-east-1" }), (command) => {
    if (!(command instanceof PublishBatchCommand)) throw new Error("expected PublishBatch");
    const { TopicArn: topicArn = "", PublishBatchRequestEntries: entries = [] } = command.input;
    const messages = entries.map(({ Message = "" }) => Message);
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(asMessage(entry)), 0);
    requests.push({ topicArn, messages, bytes });
    return answer(entries, (entry) => refuse(entry, requests.length));
  });
  return { sns, requests };
}

function asMessage({ Message = "", MessageAttributes }: PublishBatchRequestEntry) {
  return { body: Message, type: MessageAttributes?.["type"]?.StringValue ?? "" };
}

/** SNS answers in no order in particular: here, the last entry first. */
function answer(
  entries: readonly PublishBatchRequestEntry[],
  refuse: (entry: PublishBatchRequestEntry) => Refusal,
): PublishBatchCommandOutput {
  const taken = entries.filter((entry) => !refuse(entry)).toReversed();
  return {
    $metadata: {},
    Successful: taken.map(({ Id, Message }) => ({ Id, MessageId: `id of ${Message}` })),
    Failed: entries.flatMap((entry) => {
      const refusal = refuse(entry);
      return refusal ? [{ Id: entry.Id, Message: "refused", ...refusal }] : [];
    }),
  };
}

function message(body: string, topicArn = "arn:topic"): OutgoingMessage {
  return { topicArn, type: "tool.made.v1", body };
}

function publisherOf(sns: Pick<SNSClient, "send">) {
  const topicArns = new Map([
    ["orders", "arn:orders"],
    ["news", "arn:news"],
  ]);
  return createPublisher({ source: "test", topicArns, sns });
}

const cancelled = (orderId: string) => toPublish(orderCancelled, { orderId, reason: "a test" }, { id: `event ${orderId}` });

describe("messages are sent in batches", () => {
  test("of ten", async () => {
    const { sns, requests } = fakeSns();
    await sendAll(
      sns,
      Array.from({ length: 23 }, (_, index) => message(`${index}`)),
    );
    expect(requests.map(({ messages }) => messages.length)).toEqual([10, 10, 3]);
  });

  test("of 256 KB", async () => {
    const { sns, requests } = fakeSns();
    const large = "x".repeat(100 * 1024);
    await sendAll(sns, [message(large), message(large), message(large), message("small")]);
    expect(requests.map(({ messages }) => messages.length)).toEqual([2, 2]);
  });

  test("that lose none and repeat none, hold to both limits, and answer in order", async () => {
    const lengths = fc.oneof(fc.nat(200), fc.integer({ min: 50_000, max: 260_000 }));
    const kinds = fc.array(fc.record({ topic: fc.constantFrom("one", "two"), length: lengths }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(kinds, async (all) => {
        const { sns, requests } = fakeSns();
        const messages = all.map(({ topic, length }, index) => message(`${index}:${"x".repeat(length)}`, topic));
        const results = await sendAll(sns, messages);

        expect(results).toEqual(messages.map(({ body }) => ({ messageId: `id of ${body}` })));
        for (const { messages: sent, bytes } of requests) {
          expect(sent.length).toBeLessThanOrEqual(BATCH_ENTRIES);
          expect(bytes).toBeLessThanOrEqual(SNS_BATCH_BYTES);
        }
        for (const topic of ["one", "two"]) {
          const sent = requests.filter(({ topicArn }) => topicArn === topic).flatMap(({ messages: bodies }) => bodies);
          expect(sent).toEqual(messages.filter(({ topicArn }) => topicArn === topic).map(({ body }) => body));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("an entry that SNS refuses", () => {
  const refused = (Code: string, SenderFault: boolean) => (entry: PublishBatchRequestEntry) =>
    entry.Message === "bad" ? { Code, SenderFault } : undefined;

  test("for a reason of its own is sent again, alone, and is published in the end", async () => {
    const { sns, requests } = fakeSns((entry, request) => (request < 3 ? refused("InternalError", false)(entry) : undefined));
    const results = await sendAll(
      sns,
      ["good", "bad", "fine"].map((body) => message(body)),
    );

    expect(results).toEqual(["good", "bad", "fine"].map((body) => ({ messageId: `id of ${body}` })));
    expect(requests.map(({ messages }) => messages)).toEqual([["good", "bad", "fine"], ["bad"], ["bad"]]);
  });

  test("time and again is given up after four attempts, with SNS's word for why", async () => {
    const { sns, requests } = fakeSns(refused("InternalError", false));
    const results = await sendAll(sns, [message("bad"), message("good")]);

    expect(results).toEqual([
      { error: expect.objectContaining({ message: "SNS refused the entry: InternalError refused" }) },
      { messageId: "id of good" },
    ]);
    expect(requests).toHaveLength(4);
  });

  test("for the sender's fault is not sent again", async () => {
    const { sns, requests } = fakeSns(refused("InvalidParameter", true));
    const [result] = await sendAll(sns, [message("bad"), message("good")]);

    expect(result).toEqual({ error: expect.objectContaining({ message: "SNS refused the entry: InvalidParameter refused" }) });
    expect(requests).toHaveLength(1);
  });
});

describe("a publisher", () => {
  test("says of each event what happened to it, in their order, across topics", async () => {
    const { sns } = fakeSns((entry) => (entry.Message?.includes('"two"') ? { Code: "Denied", SenderFault: true } : undefined));
    const other = toPublish(toolMade, { name: "hammer", pieces: 1 }, { id: "event of another topic" });
    const results = await publisherOf(sns).publishAll([cancelled("one"), other, cancelled("two"), cancelled("three")]);

    expect(results).toMatchObject([
      { status: "published", eventId: "event one" },
      { status: "published", eventId: "event of another topic" },
      { status: "failed", eventId: "event two", error: { message: "SNS refused the entry: Denied refused" } },
      { status: "published", eventId: "event three" },
    ]);
  });

  test("tells of a call that failed, for each event in it", async () => {
    const sns = met(new SNSClient({ region: "us-east-1" }), () => {
      throw new Error("no network");
    });
    const publisher = publisherOf(sns);

    expect(await publisher.publishAll([cancelled("one"), cancelled("two")])).toMatchObject([
      { status: "failed", eventId: "event one", error: { message: "no network" } },
      { status: "failed", eventId: "event two", error: { message: "no network" } },
    ]);
    await expect(publisher.publish(orderCancelled, { orderId: "one", reason: "a test" })).rejects.toThrow("no network");
  });

  test.each([
    [
      "breaks its contract",
      toPublish(orderPlaced, { ...orderPlaced.example, total: 1 }),
      InvalidEventError,
      "order.placed.v1: data",
    ],
    [
      "has half a character",
      toPublish(orderCancelled, { orderId: "one", reason: "half \ud83d" }),
      InvalidEventError,
      '"reason" has half a surrogate pair',
    ],
    ["is over SNS's limit", toPublish(toolMade, { name: "x".repeat(262_144), pieces: 1 }), EventTooLargeError, /262144/],
    [
      "goes to a topic that it does not know",
      toPublish({ ...toolMade, topic: { name: "elsewhere", description: "" } }, toolMade.example),
      Error,
      'no ARN is known for the topic "elsewhere" of tool.made.v1',
    ],
  ])("sends nothing at all when one event %s", async (_, bad, kind, reason) => {
    const { sns, requests } = fakeSns();
    const publishing = publisherOf(sns).publishAll([cancelled("one"), bad, cancelled("two")]);

    await expect(publishing).rejects.toThrow(kind);
    await expect(publishing).rejects.toThrow(reason);
    expect(requests).toEqual([]);
  });

  test("sends an event as large as SNS takes", async () => {
    const { sns, requests } = fakeSns();
    const publisher = publisherOf(sns);
    await publisher.publish(toolMade, { name: "x", pieces: 1 });
    const room = SNS_BATCH_BYTES - requests[0]!.bytes;
    // The name stands twice in the envelope: as the subject, too.
    await publisher.publish(toolMade, { name: "x".repeat(1 + Math.floor(room / 2)), pieces: 1 });

    expect(requests).toHaveLength(2);
    await expect(publisher.publish(toolMade, { name: "x".repeat(room), pieces: 1 })).rejects.toThrow(EventTooLargeError);
  });
});
