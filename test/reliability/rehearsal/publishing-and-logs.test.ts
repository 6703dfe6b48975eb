import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emailSent } from "#events";
import type { Cloud } from "#lib/laptop/index.ts";
import { lineId } from "#lib/ops/publish/line-id.ts";
import { publishLines } from "#lib/ops/publish/publish-lines.ts";
import { followCloudWatch } from "#lib/ops/tail/cloudwatch-entries.ts";
import { mapLimited } from "#lib/runtime/concurrency.ts";
import { clientConfig } from "../../support/cloud-support.ts";
import { isLong, sized } from "../../support/proof.ts";
import { Random } from "../../support/random.ts";
import type { AwsCall } from "../../support/unreliable-aws/aws-call.ts";
import { badDay } from "../../support/unreliable-aws/faults.ts";
import { UnreliableAws } from "../../support/unreliable-aws/unreliable-aws.ts";
import { operatorSettings, startBadDay, startEmptyCloud } from "./rehearsed-service.ts";

const SEEDS = Array.from({ length: sized({ short: 1, long: 8 }) }, (_, index) => index + 1);

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startEmptyCloud();
});
afterAll(() => cloud?.stop());

/** A topic, and a queue that gets everything. */
async function topicWithQueue(name: string): Promise<{ topicArn: string; ids: () => string[] }> {
  const anybody = { Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*" };
  const Attributes = { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [anybody] }) };
  await new SQSClient(clientConfig(cloud)).send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const sns = new SNSClient(clientConfig(cloud));
  const { TopicArn: topicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: `arn:aws:sqs:us-east-1:000000000000:${name}`,
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  const event = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }));
  return { topicArn, ids: () => cloud.queues.look(name).messages.map(({ body }) => v.parse(event, body).id) };
}

async function* numbered(texts: readonly string[]) {
  for (const [index, text] of texts.entries()) yield { number: index + 1, text };
}

describe("on a bad day of AWS", { timeout: isLong ? 600_000 : 120_000 }, () => {
  it("every line that is said to be published is, and none more often than lost answers explain", async () => {
    await mapLimited(SEEDS, 6, async (seed) => {
      await using aws = await startBadDay(cloud, seed);
      const { topicArn, ids } = await topicWithQueue(`publish-${seed}`);
      const texts = Array.from({ length: 20 + 40 * seed }, (_, index) =>
        index % 17 === 5 ? "{oops" : JSON.stringify({ ...emailSent.example, orderId: `${index}` }),
      );
      const idOf = (number: number) => lineId(emailSent.type, "mails.ndjson", { number, text: texts[number - 1]! });
      const outcomes = new Map<number, string>();
      let from: number | undefined = 1;
      while (from !== undefined) {
        const { stopped } = await publishLines(numbered(texts), {
          event: emailSent,
          topicArn,
          sns: new SNSClient(operatorSettings(cloud, aws)),
          source: "test",
          idOf: ({ number }) => idOf(number),
          from,
          onResult: ({ line, outcome }) => {
            expect(outcomes.has(line)).toBe(false);
            outcomes.set(line, outcome);
          },
        });
        from = stopped;
      }
      await expect
        .poll(() => new Set(ids()).size)
        .toBeGreaterThanOrEqual([...outcomes.values()].filter((one) => one === "published").length);

      const delivered = Map.groupBy(ids(), (id) => id);
      expect([...outcomes.keys()]).toEqual(texts.map((_, index) => index + 1));
      const wrong = [...outcomes].filter(([line, outcome]) => {
        const copies = delivered.get(idOf(line))?.length ?? 0;
        const least = outcome === "published" ? 1 : 0;
        const most = outcome === "refused" ? 0 : 1 + unanswered(aws, idOf(line));
        return copies < least || copies > most;
      });
      expect(wrong, `lines of seed ${seed}`).toEqual([]);
    });
  });

  it("tail shows each line of the log once, though some come late and polls fail", async () => {
    await mapLimited(SEEDS, 6, async (seed) => {
      const clockAhead = new Random(seed, "clock").pick([0, 60_000, -60_000]);
      const log = new LateLog(new Random(seed, "log"), clockAhead);
      const answer = (call: AwsCall) => log.answer(call);
      await using aws = await UnreliableAws.start({ cloud, seed, faults: { ...badDay, clockAhead }, answer });
      const abort = new AbortController();
      const shown: string[] = [];
      const entries = followCloudWatch({
        logs: new CloudWatchLogsClient(operatorSettings(cloud, aws)),
        groupPrefix: "/fanfare/dev/",
        since: Date.now() + clockAhead - 3_600_000,
        signal: abort.signal,
        onOpen: () => {},
        pauseMilliseconds: 1,
      });
      for await (const { message } of entries) {
        shown.push(message);
        if (shown.length === LINES) abort.abort();
      }

      expect(shown.toSorted()).toEqual(log.all.toSorted());
    });
  });
});

/** How often a batch with an event was taken without anybody hearing of it. */
function unanswered({ unanswered: calls }: UnreliableAws, id: string): number {
  return calls.filter(({ operation, body }) => operation === "PublishBatch" && body.includes(id)).length;
}

/** Lines that a service writes while it is followed. */
const LINES = 120;

/** CloudWatch Logs with two groups: lines come in out of order, up to a minute late, and each answer has a page of them. */
class LateLog {
  readonly all: string[] = [];
  readonly #random: Random;
  readonly #clockAhead: number;
  readonly #events: {
    readonly group: string;
    readonly eventId: string;
    readonly timestamp: number;
    readonly message: string;
  }[] = [];

  constructor(random: Random, clockAhead: number) {
    this.#random = random;
    this.#clockAhead = clockAhead;
  }

  answer({ operation, input }: AwsCall): object | undefined {
    if (operation === "DescribeLogGroups") return { logGroups: GROUPS.map((logGroupName) => ({ logGroupName })) };
    if (operation !== "FilterLogEvents") return undefined;
    this.#write();
    const [start, page] = [Number(input?.["startTime"]), Number(input?.["nextToken"] ?? 0)];
    const found = this.#events
      .filter(({ group, timestamp }) => group === input?.["logGroupName"] && timestamp >= start)
      .toSorted((a, b) => a.timestamp - b.timestamp);
    return {
      events: found.slice(page, page + 10).map(({ group: _, ...event }) => event),
      ...(page + 10 < found.length && { nextToken: String(page + 10) }),
    };
  }

  #write(): void {
    for (let lines = this.#random.below(6); lines > 0 && this.all.length < LINES; lines--) {
      const message = `line ${this.all.length}`;
      const timestamp = Date.now() + this.#clockAhead - (this.#random.chance(0.2) ? this.#random.below(60_000) : 0);
      this.all.push(message);
      this.#events.push({ group: this.#random.pick(GROUPS), eventId: message, timestamp, message });
    }
  }
}

const GROUPS = ["/fanfare/dev/shop", "/fanfare/dev/ledger"];
