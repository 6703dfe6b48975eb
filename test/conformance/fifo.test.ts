import { ChangeMessageVisibilityCommand, type Message } from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import { waitFor } from "../support/target/wait-for.ts";
import { behaviour } from "./behaviour.ts";
import { patience } from "../support/conformance/patience.ts";
import type { ConformanceClient, SeenMessage } from "../support/conformance/client.ts";

const bodiesOf = (messages: readonly Message[]) => messages.map(({ Body = "" }) => Body);

/** Sends bodies like `a1`, which belongs to group a, one after the other; the rest of the run keeps groups and ids apart from other tests'. */
async function send(app: ConformanceClient, queue: string, ...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    await app.send(queue, body, { MessageGroupId: group(app, body), MessageDeduplicationId: `${app.run}-${body}` });
  }
}

const group = (app: ConformanceClient, body: string) => `${app.run}-${body.slice(0, 1)}`;

behaviour("order-of-group", async (app) => {
  await send(app, "ordered.fifo", "a1", "a2", "b1", "a3");
  const messages = await app.receive("ordered.fifo", { VisibilityTimeout: 30 });
  expect(bodiesOf(messages).filter((body) => body.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
  const sequence = messages.map(({ Attributes }) => Attributes?.["SequenceNumber"]);
  expect(new Set(sequence).size).toBe(messages.length);
  await app.remove("ordered.fifo", ...messages);
});

behaviour("blocked-group", async (app) => {
  await send(app, "blocked.fifo", "a1", "a2", "b1");
  const [a1] = await app.receive("blocked.fifo", { MaxNumberOfMessages: 1, VisibilityTimeout: 30 });
  expect(a1?.Body).toBe("a1");
  const others = await app.receive("blocked.fifo", { VisibilityTimeout: 30 });
  expect(bodiesOf(others)).toEqual(["b1"]);
  await app.remove("blocked.fifo", a1!, ...others);
  const rest = await app.receive("blocked.fifo");
  expect(bodiesOf(rest)).toEqual(["a2"]);
  await app.remove("blocked.fifo", ...rest);
});

behaviour("order-after-return", async (app) => {
  await send(app, "returned.fifo", "a1", "a2", "a3");
  const QueueUrl = await app.queueUrl("returned.fifo");
  const first = await app.receive("returned.fifo", { MaxNumberOfMessages: 2, VisibilityTimeout: 30 });
  for (const { ReceiptHandle } of first.toReversed()) {
    await app.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  }
  const again = await app.receive("returned.fifo");
  expect(bodiesOf(again)).toEqual(["a1", "a2", "a3"]);
  await app.remove("returned.fifo", ...again);
});

behaviour("copy-by-id", async (app) => {
  const keys = { MessageGroupId: app.run, MessageDeduplicationId: app.run };
  await app.send("unique.fifo", `${app.run} first`, keys);
  const taken = await app.take("unique.fifo", 1);
  // Also when the first one has been deleted.
  await app.send("unique.fifo", `${app.run} copy`, keys);
  expect(bodiesOf([...taken, ...(await app.drain("unique.fifo"))])).toEqual([`${app.run} first`]);
});

behaviour("copy-by-content", async (app) => {
  for (const body of [app.run, app.run, `${app.run} other`])
    await app.send("by-content.fifo", body, { MessageGroupId: app.run });
  expect(bodiesOf(await app.drain("by-content.fifo"))).toEqual([app.run, `${app.run} other`]);
});

behaviour("copy-across-groups", async (app) => {
  await sendToTwoGroups(app, "queue-wide.fifo");
  expect(bodiesOf(await app.drain("queue-wide.fifo"))).toEqual([`${app.run} one`]);
});

behaviour("copy-within-group", async (app) => {
  await sendToTwoGroups(app, "by-group.fifo");
  await app.send("by-group.fifo", `${app.run} copy`, { MessageGroupId: `${app.run}-one`, MessageDeduplicationId: app.run });
  expect(bodiesOf(await app.drain("by-group.fifo")).toSorted()).toEqual([`${app.run} one`, `${app.run} two`]);
});

async function sendToTwoGroups(app: ConformanceClient, queue: string): Promise<void> {
  for (const name of ["one", "two"]) {
    await app.send(queue, `${app.run} ${name}`, { MessageGroupId: `${app.run}-${name}`, MessageDeduplicationId: app.run });
  }
}

behaviour("dead-letter-fifo", async (app) => {
  await send(app, "ordered-redriven.fifo", "a1", "a2");
  const [a1] = await app.receive("ordered-redriven.fifo", { MaxNumberOfMessages: 1 });
  expect(a1?.Body).toBe("a1");
  const rest = await waitFor(
    "the rest of the group",
    () => app.receive("ordered-redriven.fifo"),
    (messages) => messages.length > 0,
    patience(),
  );
  expect(bodiesOf(rest)).toEqual(["a2"]);
  await app.remove("ordered-redriven.fifo", ...rest);
  const dead = await app.receive("ordered-dlq.fifo");
  expect(bodiesOf(dead)).toEqual(["a1"]);
  await app.remove("ordered-dlq.fifo", ...dead);
});

/** Publishes to the FIFO topic; each body is a deduplication id of its own. */
async function publish(app: ConformanceClient, ...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    await app.publish("fanned.fifo", `${app.run} ${body}`, {
      MessageGroupId: group(app, body),
      MessageDeduplicationId: `${app.run}-${body}`,
    });
  }
}

behaviour("topic-to-fifo", async (app) => {
  await publish(app, "a1", "b1", "a2");
  const messages = await app.drain("fanned-fifo.fifo");
  const ofGroup = messages.filter(({ Attributes }) => Attributes?.["MessageGroupId"] === group(app, "a1"));
  expect(bodiesOf(ofGroup)).toEqual([`${app.run} a1`, `${app.run} a2`]);
  expect(ofGroup[0]?.Attributes).toMatchObject({ MessageDeduplicationId: `${app.run}-a1`, SequenceNumber: expect.any(String) });
  expect(messages).toHaveLength(3);
});

behaviour("topic-to-standard", async (app) => {
  await publish(app, "a1", "b1");
  expect(bodiesOf(await app.drain("fanned-standard")).toSorted()).toEqual([`${app.run} a1`, `${app.run} b1`]);
});

behaviour("topic-copies", async (app) => {
  await publish(app, "a1", "a1", "a2");
  const delivered = [`${app.run} a1`, `${app.run} a2`];
  expect(bodiesOf(await app.drain("fanned-copies-fifo.fifo"))).toEqual(delivered);
  expect(bodiesOf(await app.drain("fanned-copies-standard")).toSorted()).toEqual(delivered);
});

behaviour("function-in-order", async (app) => {
  const keys = { MessageGroupId: app.run };
  await app.send("in-order.fifo", app.message("1", { end: "throw" }), keys);
  for (const key of ["2", "3"]) await app.send("in-order.fifo", app.message(key), keys);
  const seen = await app.whenSeen("all three messages handled", (records) => handled(records).length === 3);
  expect(handled(seen)).toEqual(["1", "2", "3"]);
});

/** Keys of the messages that were handled, in order. */
const handled = (records: readonly SeenMessage[]) =>
  records.filter(({ endedAt }) => endedAt !== undefined).map(({ key }) => key);
