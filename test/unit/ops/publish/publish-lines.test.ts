import { PublishBatchCommand, type PublishBatchCommandInput } from "@aws-sdk/client-sns";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { orderCancelled, orderPlaced } from "#events";
import { type LineResult, publishLines, type PublishLinesOptions } from "#lib/ops/publish/publish-lines.ts";
import type { Line } from "#lib/ops/read-lines.ts";
import { s3ClaimCheck, type S3ClaimCheckOptions } from "#lib/runtime/publish/s3-claim-check.ts";
import { pageScanned } from "../../../support/fixtures/large-project/events.ts";

/** An SNS that takes every entry, unless the test says how it answers. */
function createTopic(answer?: (input: PublishBatchCommandInput) => object) {
  const bodies: unknown[] = [];
  const send = async (command: unknown): Promise<unknown> => {
    if (!(command instanceof PublishBatchCommand)) throw new Error("expected PublishBatch");
    const entries = command.input.PublishBatchRequestEntries ?? [];
    if (answer) return answer(command.input);
    bodies.push(...entries.map(({ Message }): unknown => JSON.parse(Message ?? "")));
    return { Successful: entries.map(({ Id }) => ({ Id, MessageId: `m${Id}` })) };
  };
  return { bodies, sns: { send } as PublishLinesOptions["sns"] };
}

async function* numbered(texts: Iterable<string>): AsyncGenerator<Line> {
  let number = 1;
  for (const text of texts) yield { number: number++, text };
}

function publish(texts: Iterable<string>, topic = createTopic(), more: Partial<PublishLinesOptions> = {}) {
  return publishFrom(numbered(texts), topic, more);
}

async function publishFrom(
  lines: AsyncIterable<Line>,
  topic: ReturnType<typeof createTopic>,
  more: Partial<PublishLinesOptions>,
) {
  const results: LineResult[] = [];
  const { onResult, ...options } = more;
  const summary = await publishLines(lines, {
    event: orderPlaced,
    topicArn: "arn:aws:sns:us-east-1:000000000000:orders",
    sns: topic.sns,
    source: "shop",
    onResult: (result) => {
      results.push(result);
      return onResult?.(result);
    },
    ...options,
  });
  return { summary, results, bodies: topic.bodies };
}

const valid = JSON.stringify(orderPlaced.example);

describe("publishing lines", () => {
  it("wraps each line as an event of the type, under the id that it reports", async () => {
    const { summary, results, bodies } = await publish([valid], createTopic(), { idOf: () => "order-1" });

    expect(summary).toEqual({ published: 1, refused: 0, failed: 0 });
    expect(results).toEqual([{ line: 1, outcome: "published", eventId: "order-1" }]);
    expect(bodies).toMatchObject([{ id: "order-1", type: "order.placed.v1", source: "shop", data: orderPlaced.example }]);
  });

  it("refuses a line that is no JSON, breaks the contract or is too large, and publishes its neighbours", async () => {
    const lines = [valid, "{oops", '{"orderId":"1"}', "null", '{"__proto__":{"orderId":"1"}}', valid];
    const { summary, results, bodies } = await publish(lines);

    expect(summary).toEqual({ published: 2, refused: 4, failed: 0 });
    expect(bodies).toHaveLength(2);
    expect(results.map(({ line, outcome }) => `${line} ${outcome}`)).toEqual([
      "1 published",
      "2 refused",
      "3 refused",
      "4 refused",
      "5 refused",
      "6 published",
    ]);
    expect(results[1]).toMatchObject({ reason: expect.stringMatching(/^not JSON: /), text: "{oops" });
    expect(results[2]).toMatchObject({ reason: expect.stringContaining("data.customer") });
  });

  it("refuses an event that SNS would not take for its size, before it is sent", async () => {
    const line = { sku: "A", description: "x".repeat(500), quantity: 1, unitPrice: 1 };
    const large = { ...orderPlaced.example, charges: [], lines: Array.from({ length: 600 }, () => line), total: 600 };
    const { summary, results } = await publish([JSON.stringify(large)]);

    expect(summary.refused).toBe(1);
    expect(results[0]).toMatchObject({ reason: expect.stringContaining("SNS takes 262144") });
  });

  describe("to a topic with large events", () => {
    const page = (id: string, length: number): string => JSON.stringify({ id, text: "a".repeat(length) });
    const publishPages = async (lines: readonly string[], put: (key: string) => void) => {
      const send = async (command: unknown): Promise<object> => {
        if (!(command instanceof PutObjectCommand)) throw new Error("expected PutObject");
        put(String(command.input.Key));
        return {};
      };
      const claimCheck = s3ClaimCheck({ bucket: "claims", s3: { send } as S3ClaimCheckOptions["s3"] & {} });
      return publish(lines, createTopic(), { event: pageScanned, claimCheck });
    };

    it("puts the data of one that SNS would not take into S3, and publishes where it lies", async () => {
      const keys: string[] = [];
      const { summary, bodies } = await publishPages([page("one", 1), page("two", 300_000)], (key) => keys.push(key));

      expect(summary).toEqual({ published: 2, refused: 0, failed: 0 });
      expect(keys).toHaveLength(1);
      expect(bodies).toMatchObject([{ data: { id: "one" } }, { dataref: `s3://claims/${keys[0]}` }]);
    });

    it("does not publish one whose data S3 does not take, and reports its line", async () => {
      const { summary, results, bodies } = await publishPages([page("one", 300_000), page("two", 1)], () => {
        throw new Error("SlowDown");
      });

      expect(summary).toEqual({ published: 1, refused: 0, failed: 1 });
      expect(results[0]).toMatchObject({ line: 1, outcome: "failed", reason: "SlowDown" });
      expect(bodies).toMatchObject([{ data: { id: "two" } }]);
    });
  });

  it("reports the lines that SNS does not take, each with SNS's reason", async () => {
    const topic = createTopic(({ PublishBatchRequestEntries: entries = [] }) => ({
      Successful: entries.slice(1).map(({ Id }) => ({ Id, MessageId: "m" })),
      Failed: [{ Id: entries[0]!.Id, Code: "InvalidParameter", Message: "no", SenderFault: true }],
    }));
    const { summary, results } = await publish([valid, valid], topic);

    expect(summary).toEqual({ published: 1, refused: 0, failed: 1 });
    expect(results[0]).toMatchObject({ line: 1, outcome: "failed", reason: expect.stringContaining("InvalidParameter no") });
  });

  it("stops when nothing of a batch can be published, and says from which line on", async () => {
    const gone = new Error("connect ECONNREFUSED");
    const topic = createTopic(() => {
      throw gone;
    });
    const { summary, results } = await publish(
      Array.from({ length: 5_000 }, () => valid),
      topic,
    );

    expect(summary).toMatchObject({
      published: 0,
      refused: 0,
      failed: results.length,
      error: gone,
      stopped: results.length + 1,
    });
    expect(results.length).toBeLessThan(5_000);
  });

  it("ends with an error of the account, which every other line would meet", async () => {
    const refused = Object.assign(new Error("not authorized"), { name: "AuthorizationErrorException" });
    const topic = createTopic(() => {
      throw refused;
    });
    const { summary, results } = await trickle([valid, valid, valid], topic);

    expect(summary).toEqual({ published: 0, refused: 0, failed: 1, error: refused, stopped: 2 });
    expect(results).toHaveLength(1);
  });

  it("goes on with a stream after a line that SNS does not take, and ends after ten in a row", async () => {
    let calls = 0;
    const invalid = Object.assign(new Error("invalid"), { name: "InvalidParameterException" });
    const topic = createTopic(({ PublishBatchRequestEntries: entries = [] }) => {
      if (++calls !== 2) throw invalid;
      return { Successful: entries.map(({ Id }) => ({ Id, MessageId: "m" })) };
    });
    const { summary } = await trickle(Array<string>(20).fill(valid), topic);

    expect(summary).toEqual({ published: 1, refused: 0, failed: 11, error: invalid, stopped: 13 });
  });

  it("begins with the line that it is given, and ends after the batch in which it is interrupted", async () => {
    const interrupt = new AbortController();
    const lines = Array.from({ length: 2_000 }, () => valid);
    const { summary, results } = await publish(lines, createTopic(), {
      from: 101,
      signal: interrupt.signal,
      onResult: () => interrupt.abort(),
    });

    expect(results[0]).toMatchObject({ line: 101 });
    expect(summary.published).toBeGreaterThan(0);
    expect(summary.stopped).toBe(101 + summary.published);
  });

  /** Publishes lines that come one by one. */
  function trickle(texts: readonly string[], topic: ReturnType<typeof createTopic>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    let next = resolve;
    let taken = promise;
    async function* lines(): AsyncGenerator<Line> {
      for (const [index, text] of texts.entries()) {
        yield { number: index + 1, text };
        await taken;
        ({ promise: taken, resolve: next } = Promise.withResolvers<void>());
      }
    }
    return publishFrom(lines(), topic, { onResult: () => next() });
  }

  it("accounts for every one of many lines, in their order", async () => {
    const cancelled = JSON.stringify(orderCancelled.example);
    const lines = Array.from({ length: 3_000 }, (_, index) => (index % 100 === 50 ? "{}" : cancelled));
    const { summary, results, bodies } = await publish(lines, createTopic(), { event: orderCancelled });

    expect(summary).toEqual({ published: 2_970, refused: 30, failed: 0 });
    expect(bodies).toHaveLength(2_970);
    expect(results.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1));
  });
});
