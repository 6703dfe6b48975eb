import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import type { Clock } from "#lib/ops/dead-letters/rate-limit.ts";
import { findServiceQueues } from "#lib/ops/dead-letters/queues.ts";
import { redriveLetters, type RedriveOptions, type RedriveResult } from "#lib/ops/dead-letters/redrive.ts";
import { Selection } from "#lib/ops/dead-letters/select.ts";
import { receiveLetters } from "#lib/ops/dead-letters/receive.ts";
import { summarizeLetters } from "#lib/ops/dead-letters/summary.ts";
import { emailBody, FakeDeadLetterQueue, never, reason, shopQueue } from "./queue.ts";

/** The time by AWS's clock, wherever this machine's stands. */
const NOW = Date.parse("2026-11-20T12:00:00Z");

function fill(queue: FakeDeadLetterQueue, letters: number): FakeDeadLetterQueue {
  for (let index = 1; index <= letters; index++) queue.put(emailBody(`e${index}`), reason);
  return queue;
}

/** Redrives what the options choose, everything by default. */
async function redrive(queue: FakeDeadLetterQueue, options: Partial<RedriveOptions> = {}) {
  const results: RedriveResult[] = [];
  const summary = await redriveLetters({
    sqs: queue.sqs,
    from: [queue],
    to: shopQueue,
    selection: new Selection({}),
    inboxDays: 32,
    now: () => NOW,
    signal: never,
    onResult: (result) => results.push(result),
    ...options,
  });
  return { summary, results };
}

describe("looking through a dead-letter queue", () => {
  it("shows each letter once, ten at a time at the most, and leaves all of them visible", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 25);
    const batches: string[][] = [];
    await receiveLetters({ sqs: queue.sqs, queue, signal: never }, async (letters) => {
      batches.push(letters.map(({ messageId }) => messageId));
    });

    expect(batches.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(queue.ids);
    expect(queue.visible).toHaveLength(25);
    expect(queue.calls).toEqual([]);
  });

  it("hands the letters back when the work fails, or SQS does", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 15);
    const work = receiveLetters({ sqs: queue.sqs, queue, signal: never }, () =>
      Promise.reject(new Error("no room on the disk")),
    );
    await expect(work).rejects.toThrow("no room on the disk");
    expect(queue.visible).toHaveLength(15);

    let receives = 0;
    const failing = fill(
      new FakeDeadLetterQueue({
        onReceive: () => {
          if (++receives === 2) throw new Error("connection lost");
        },
      }),
      15,
    );
    await expect(receiveLetters({ sqs: failing.sqs, queue: failing, signal: never }, async () => {})).rejects.toThrow(
      "connection lost",
    );
    expect(failing.visible).toHaveLength(15);
  });

  it("ends after the batch in hand when it is interrupted, and hands everything back", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 30);
    const interrupt = new AbortController();
    let shown = 0;
    await receiveLetters({ sqs: queue.sqs, queue, signal: interrupt.signal }, async (letters) => {
      shown += letters.length;
      interrupt.abort();
    });

    expect(shown).toBe(10);
    expect(queue.visible).toHaveLength(30);
  });

  it("shows a letter once that SQS hands out twice in one answer, and removes it for good", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 2);
    const sqs = intercept(queue, async (command, pass) => {
      const answer = await pass();
      if (!(command instanceof ReceiveMessageCommand) || !("Messages" in answer) || !Array.isArray(answer.Messages))
        return answer;
      return { Messages: answer.Messages.flatMap((message: unknown) => [message, message]) };
    });
    const { summary } = await redrive(queue, { sqs });

    expect(summary).toMatchObject({ sent: 2, arrived: 0, notRemoved: 0 });
    expect(queue.sent).toHaveLength(2);
    expect(queue.ids).toEqual([]);
  });

  it("removes a letter again that SQS still had on a server when it was removed", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 1);
    let deletes = 0;
    const sqs = intercept(queue, async (command, pass) => {
      if (!(command instanceof DeleteMessageCommand) || ++deletes > 1) return pass();
      queue.expire();
      return {};
    });
    const { summary } = await redrive(queue, { sqs });

    expect(summary).toMatchObject({ sent: 1, arrived: 0 });
    expect(queue.ids).toEqual([]);
  });

  it("holds letters longer once they come back before all are seen: it would never end", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 40);
    const lagging = { name: queue.name, url: queue.url, of: queue.of, waitSeconds: 1, held: 0, waiting: 0 };
    let batches = 0;
    await receiveLetters({ sqs: queue.sqs, queue: lagging, signal: never }, async () => {
      if (++batches < 3) queue.expire();
    });

    expect(queue.visible).toHaveLength(40);
    expect(Math.max(...queue.holds)).toBeGreaterThan(2 * Math.min(...queue.holds) - 1);
  });

  it("shows a letter once that SQS hands out again because its time was up", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 3);
    const shown: string[] = [];
    await receiveLetters({ sqs: queue.sqs, queue, signal: never }, async (letters) => {
      shown.push(...letters.map(({ messageId }) => messageId));
      queue.expire();
    });

    expect(shown).toEqual(["letter-1", "letter-2", "letter-3"]);
    expect(queue.visible).toHaveLength(3);
  });

  it("holds letters for longer where there are more, and where they are sent back slowly", async () => {
    const hold = async (letters: number, rate?: number) => {
      const queue = fill(new FakeDeadLetterQueue(), letters);
      await receiveLetters({ sqs: queue.sqs, queue, signal: never, rate }, async () => {});
      return Math.max(...queue.holds);
    };

    expect(await hold(2_000)).toBeGreaterThan(await hold(10));
    expect(await hold(100, 0.5)).toBeGreaterThanOrEqual(200);
    expect(await hold(100, 0.001)).toBe(43_200);
  });
});

describe("letters that SQS does not hand out", () => {
  const handingOut = (queue: FakeDeadLetterQueue, most: number): Pick<SQSClient, "send"> =>
    intercept(queue, async (command, pass) => {
      const inFlight = queue.ids.length - queue.visible.length;
      // At its quota of messages in flight, a long poll of a standard queue ends empty and without an error.
      return command instanceof ReceiveMessageCommand && inFlight >= most ? {} : pass();
    });

  it("are counted as not seen", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 50);
    const unseen = await receiveLetters({ sqs: handingOut(queue, 30), queue, signal: never }, async () => {});

    expect(unseen).toBe(20);
    expect(queue.visible).toHaveLength(50);
  });

  it("are none where the queue's count was old", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 5);
    const stale = { name: queue.name, url: queue.url, of: queue.of, waitSeconds: 1, held: 0, waiting: 9 };

    expect(await receiveLetters({ sqs: queue.sqs, queue: stale, signal: never }, async () => {})).toBe(0);
  });

  it("are told of a FIFO queue by its count alone, though the count at the beginning was low", async () => {
    const queue = fill(new FakeDeadLetterQueue({}, { name: "shop-dlq.fifo" }), 14);
    const low = { name: queue.name, url: queue.url, of: queue.of, waitSeconds: 1, held: 0, waiting: 3 };

    expect(await receiveLetters({ sqs: handingOut(queue, 10), queue: low, signal: never }, async () => {})).toBe(4);
  });

  it("make the summary of a service count them", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 50);
    const queues = { service: "shop", ...shopQueue, deadLetters: queue, undelivered: [] };

    expect(await summarizeLetters(queues, { sqs: handingOut(queue, 30), signal: never })).toMatchObject({
      deadLetters: 30,
      held: 20,
      unseen: 20,
    });
  });
});

/** The fake's client, with what stands before it. */
function intercept(
  queue: FakeDeadLetterQueue,
  before: (command: unknown, pass: () => Promise<object>) => Promise<object>,
): Pick<SQSClient, "send"> {
  const client: { send(command: unknown): Promise<object> } = queue.sqs;
  return { send: (command: unknown) => before(command, () => client.send(command)) } as Pick<SQSClient, "send">;
}

describe("handing letters back", () => {
  it("tries again those that a batch could not, and tells of them, but not of those that are visible already", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 3);
    const codes: Readonly<Record<string, string>> = {
      "letter-1": "InternalError",
      "letter-2": "AWS.SimpleQueueService.MessageNotInflight",
      "letter-3": "InternalError",
    };
    const tried: string[][] = [];
    const sqs = intercept(queue, async (command, pass) => {
      if (!(command instanceof ChangeMessageVisibilityBatchCommand)) return pass();
      const ids = command.input.Entries!.map(({ ReceiptHandle }) => ReceiptHandle!.split(" ").at(-1)!);
      const refused = tried.push(ids) === 1 ? ids : ["letter-1"];
      return { Failed: refused.map((id) => ({ Id: String(ids.indexOf(id)), Code: codes[id], SenderFault: false })) };
    });
    let hidden = 0;
    await receiveLetters({ sqs, queue, signal: never, onHidden: (letters) => void (hidden += letters) }, async () => {});

    expect(tried).toEqual([
      ["letter-3", "letter-2", "letter-1"],
      ["letter-3", "letter-1"],
    ]);
    expect(hidden).toBe(1);
  });

  it("allows for the pace where SQS's count lags behind", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 10);
    const lagging = { name: queue.name, url: queue.url, of: queue.of, waitSeconds: 1, held: 0, waiting: 0 };
    await receiveLetters({ sqs: queue.sqs, queue: lagging, rate: 0.1, signal: never }, async () => {});

    expect(Math.max(...queue.holds)).toBeGreaterThanOrEqual(100);
  });
});

describe("finding a service's queues", () => {
  const names = {
    queue: "shop",
    deadLetterQueue: "shop-dlq",
    undelivered: ["shop-orders-undelivered", "shop-new-undelivered"],
  };

  /** SQS with queues of these names. */
  function account(...existing: string[]): Pick<SQSClient, "send"> {
    const send = async (command: unknown): Promise<unknown> => {
      if (command instanceof GetQueueUrlCommand) {
        const { QueueName = "" } = command.input;
        if (!existing.includes(QueueName)) throw new QueueDoesNotExist({ message: "no such queue", $metadata: {} });
        return { QueueUrl: `https://sqs.example/1/${QueueName}` };
      }
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:eu-west-1:1:shop-dlq", maxReceiveCount: 10 });
      return {
        Attributes: { ApproximateNumberOfMessages: "3", ApproximateNumberOfMessagesNotVisible: "2", RedrivePolicy },
      };
    };
    return { send } as Pick<SQSClient, "send">;
  }

  it("tells how many letters there are, how many of them somebody holds, and leaves out what is not deployed yet", async () => {
    const sqs = account("shop", "shop-dlq", "shop-orders-undelivered");
    const queues = await findServiceQueues(sqs, "shop", names, false);

    expect(queues).toMatchObject({ maxReceives: 10, deadLetters: { name: "shop-dlq", of: "handling", waiting: 3, held: 2 } });
    expect(queues.undelivered).toMatchObject([{ name: "shop-orders-undelivered", of: "delivery" }]);
  });

  it("says what to deploy where the service's queue is missing", async () => {
    await expect(findServiceQueues(account(), "shop", names, false)).rejects.toThrow(
      "there is no queue shop: deploy the service shop first",
    );
  });
});

describe("redriving letters", () => {
  it("deletes each letter only after its body is in the service's queue", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 12);
    const ids = queue.ids;
    const { summary } = await redrive(queue);

    expect(summary).toMatchObject({ sent: 12, notSent: 0, notRemoved: 0 });
    expect(queue.ids).toEqual([]);
    for (const [index, id] of ids.entries()) {
      const sent = queue.calls.indexOf(`send ${emailBodyOf(queue, index)}`);
      expect(sent).toBeGreaterThanOrEqual(0);
      expect(queue.calls.indexOf(`delete ${id}`)).toBeGreaterThan(sent);
    }
    expect(new Set(queue.sent.map(({ QueueUrl }) => QueueUrl))).toEqual(new Set([shopQueue.url]));
  });

  it("sends the event's type and a count along, and not why it was dead", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("once"), reason);
    queue.put(emailBody("again"), { ...reason, redrives: "1" });
    await redrive(queue);

    expect(queue.sent.map(({ MessageAttributes }) => MessageAttributes)).toEqual(
      ["1", "2"].map((StringValue) => ({
        type: { DataType: "String", StringValue: "email.sent.v1" },
        redrives: { DataType: "Number", StringValue },
        firstReceivedAt: { DataType: "String", StringValue: reason.firstReceivedAt },
      })),
    );
  });

  it("sends a letter that SQS or SNS moved with its own attributes; the count gives way where ten are there already", async () => {
    const own = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`own${index}`, "x"]));
    const queue = new FakeDeadLetterQueue({}, { of: "delivery" });
    for (const count of [8, 9, 10]) queue.put(emailBody(`own${count}`), own(count), { sentAt: NOW });
    await redrive(queue);

    const names = queue.sent.map(({ MessageAttributes = {} }) => Object.keys(MessageAttributes));
    expect(names).toEqual([
      [...Object.keys(own(8)), "redrives", "firstReceivedAt"],
      [...Object.keys(own(9)), "redrives"],
      Object.keys(own(10)),
    ]);
  });

  it("sends a letter that SQS moved without its earlier attempts: they begin anew", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("tried"), { type: "email.sent.v1", earlierAttempts: '{"failures":9}' }, { sentAt: NOW });
    await redrive(queue);

    expect(Object.keys(queue.sent[0]?.MessageAttributes ?? {})).toEqual(["type", "redrives", "firstReceivedAt"]);
  });

  it("sends a body that is no event as it is", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put("{oops", reason);
    await redrive(queue);

    expect(queue.sent).toMatchObject([{ MessageBody: "{oops" }]);
    expect(Object.keys(queue.sent[0]?.MessageAttributes ?? {})).toEqual(["redrives", "firstReceivedAt"]);
  });

  it("keeps the group of a letter for a FIFO queue, in order, and names each letter apart", async () => {
    const queue = new FakeDeadLetterQueue({}, { name: "shop-dlq.fifo" });
    for (const id of ["a", "b", "c"]) queue.put(emailBody(id), reason, { groupId: "order-1" });
    await redrive(queue, { to: { name: "shop.fifo", url: "https://sqs.example/1/shop.fifo" } });

    expect(queue.sent.map(({ MessageBody }) => MessageBody)).toEqual(["a", "b", "c"].map((id) => sentBody(queue, id)));
    expect(queue.sent.map(({ MessageGroupId }) => MessageGroupId)).toEqual(["order-1", "order-1", "order-1"]);
    expect(new Set(queue.sent.map(({ MessageDeduplicationId }) => MessageDeduplicationId)).size).toBe(3);
  });

  it("keeps a letter that cannot be sent, with the reason, and sends its neighbours", async () => {
    const queue = fill(
      new FakeDeadLetterQueue({
        onSend: ({ MessageBody = "" }) => {
          if (MessageBody.includes('"e2"')) throw new Error("one or more parameters are not valid");
        },
      }),
      3,
    );
    const { summary, results } = await redrive(queue);

    expect(summary).toMatchObject({ sent: 2, notSent: 1 });
    expect(queue.visible).toEqual(["letter-2"]);
    expect(results.find(({ outcome }) => outcome === "not sent")).toMatchObject({
      letter: { messageId: "letter-2" },
      error: new Error("one or more parameters are not valid"),
    });
  });

  it("says which letter it sent and could not delete, and leaves it visible", async () => {
    const queue = fill(
      new FakeDeadLetterQueue({
        onDelete: (id) => {
          if (id === "letter-1") throw new Error("access denied");
        },
      }),
      2,
    );
    const { summary, results } = await redrive(queue);

    expect(summary).toMatchObject({ sent: 1, notRemoved: 1 });
    expect(results).toContainEqual(expect.objectContaining({ outcome: "not removed", error: new Error("access denied") }));
    expect(queue.visible).toEqual(["letter-1"]);
  });

  it("lets nothing of a FIFO group overtake a letter that was not sent", async () => {
    const queue = new FakeDeadLetterQueue(
      {
        onSend: ({ MessageBody = "" }) => {
          if (MessageBody.includes('"a1"')) throw new Error("throttled");
        },
      },
      { name: "shop-dlq.fifo" },
    );
    for (const [id, groupId] of Object.entries({ a1: "a", b1: "b", a2: "a", b2: "b" }))
      queue.put(emailBody(id), reason, { groupId });
    const { summary } = await redrive(queue, { to: { name: "shop.fifo", url: "https://sqs.example/1/shop.fifo" } });

    expect(summary).toMatchObject({ sent: 2, notSent: 1, waiting: 1 });
    expect(queue.visible).toEqual(["letter-1", "letter-3"]);
  });

  it("says how many it sent when a receive fails midway", async () => {
    let receives = 0;
    const throttled = new Error("Rate exceeded");
    const queue = fill(
      new FakeDeadLetterQueue({
        onReceive: () => {
          if (++receives === 2) throw throttled;
        },
      }),
      15,
    );
    const { summary } = await redrive(queue);

    expect(summary).toMatchObject({ sent: 10, error: throttled });
    expect(queue.visible).toHaveLength(5);
  });

  it("refuses a letter that is older than the inbox, by AWS's clock, and leaves it", async () => {
    const days = 24 * 60 * 60 * 1_000;
    const seen = (daysAgo: number) => ({ ...reason, firstReceivedAt: new Date(NOW - daysAgo * days).toISOString() });
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("fresh"), seen(31));
    queue.put(emailBody("old"), seen(33));
    queue.put(emailBody("moved by SQS"), {}, { sentAt: NOW - 33 * days });
    const { firstReceivedAt } = seen(33);
    queue.put(emailBody("redriven, and moved by SQS"), { firstReceivedAt, redrives: "1" }, { sentAt: NOW });
    queue.put(emailBody("with an attribute of its publisher's"), { firstReceivedAt }, { sentAt: NOW });
    const { summary } = await redrive(queue);

    expect(summary).toMatchObject({ sent: 2, tooOld: 3 });
    expect(queue.visible).toEqual(["letter-2", "letter-3", "letter-4"]);
  });

  it("ends when nothing at all can be sent, and keeps everything", async () => {
    const gone = new Error("the queue does not exist");
    const queue = fill(
      new FakeDeadLetterQueue({
        onSend: () => {
          throw gone;
        },
      }),
      100,
    );
    const { summary } = await redrive(queue);

    expect(summary.error).toBe(gone);
    expect(summary.notSent).toBeLessThan(100);
    expect(queue.visible).toHaveLength(100);
  });

  it("changes nothing in a dry run, and tells what it would send", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 12);
    const { summary, results } = await redrive(queue, { dryRun: true, selection: new Selection({ ids: ["e3", "letter-5"] }) });

    expect(summary).toMatchObject({ sent: 0, wouldBeSent: 2 });
    expect(results.map(({ letter }) => letter.messageId)).toEqual(["letter-3", "letter-5"]);
    expect(queue.calls).toEqual([]);
    expect(queue.visible).toHaveLength(12);
  });

  it("sends what is chosen and leaves the others visible", async () => {
    const queue = fill(new FakeDeadLetterQueue(), 12);
    const selection = new Selection({ ids: ["e12", "e99"] });
    const { summary } = await redrive(queue, { selection });

    expect(summary.sent).toBe(1);
    expect(selection.missing).toEqual(["e99"]);
    expect(queue.visible).toHaveLength(11);
  });

  it.each([-60_000, 0, 60_000])(
    "leaves alone what dies while it goes on, with AWS's clock %i ms off: it would send the same event for ever",
    async (skew) => {
      let deaths = 0;
      const queue = fill(
        new FakeDeadLetterQueue({
          onSend: ({ MessageBody = "" }) => {
            if (++deaths <= 20) queue.put(MessageBody, reason, { sentAt: Date.now() + skew });
          },
        }),
        3,
      );
      const { summary } = await redrive(queue);

      expect(summary).toMatchObject({ sent: 3, arrived: 3 });
      expect(queue.visible).toHaveLength(3);
    },
  );

  it("sends equal bodies that are no events, and not the one that comes back", async () => {
    let sends = 0;
    const queue = new FakeDeadLetterQueue({
      onSend: () => {
        if (++sends === 1) queue.put("{oops", { ...reason, redrives: "1" });
      },
    });
    for (let index = 0; index < 3; index++) queue.put("{oops", reason);
    const { summary } = await redrive(queue);

    expect(summary).toMatchObject({ sent: 3, arrived: 1 });
  });

  it("sends a letter that says it was sent in the future", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put(emailBody("e1"), reason, { sentAt: Date.now() + 60_000 });

    expect((await redrive(queue)).summary.sent).toBe(1);
  });

  it("begins no more in a second than the rate says", async () => {
    let now = 0;
    const clock: Clock = {
      now: () => now,
      pause: async (milliseconds) => void (now = Math.max(now, now + milliseconds)),
    };
    const queue = fill(new FakeDeadLetterQueue(), 1);
    for (let index = 0; index < 4; index++) queue.put(emailBody(`more${index}`), reason);
    await redrive(queue, { rate: 4, clock, to: { ...shopQueue, name: "shop.fifo" } });

    expect(queue.sent).toHaveLength(5);
    expect(now).toBe(1_000);
  });

  it("ends on an interrupt with what is begun, and hands the others back", async () => {
    const interrupt = new AbortController();
    const queue = fill(
      new FakeDeadLetterQueue({
        onSend: ({ MessageBody = "" }) => {
          if (MessageBody.includes('"e11"')) interrupt.abort();
        },
      }),
      30,
    );
    const { summary } = await redrive(queue, { signal: interrupt.signal });

    expect(summary.sent).toBeGreaterThanOrEqual(11);
    expect(summary.sent + queue.visible.length).toBe(30);
    expect(queue.visible.length).toBeGreaterThan(0);
  });

  function emailBodyOf(queue: FakeDeadLetterQueue, index: number): string {
    return sentBody(queue, `e${index + 1}`);
  }

  function sentBody(queue: FakeDeadLetterQueue, id: string): string {
    return queue.sent.find(({ MessageBody = "" }) => MessageBody.includes(`"id":"${id}"`))?.MessageBody ?? "nothing";
  }
});
