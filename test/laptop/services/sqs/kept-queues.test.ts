import { join } from "node:path";
import { expect, test } from "vitest";
import { arn } from "#lib/laptop/shared/account.ts";
import { temporaryFolder } from "../../../support/cloud-support.ts";
import { queuesOfTest, untilServed } from "./queues-of-test.ts";

/** Opens the queues in a file; what was opened before is left as a killed process leaves it. */
function open(file: string) {
  return queuesOfTest(file);
}

function bodiesIn({ queues }: ReturnType<typeof open>, name: string) {
  return [...(queues.byName(name)?.messages() ?? [])].map(({ body }) => body);
}

test("what was sent is there after the process was killed, with all that was sent along", () => {
  const file = join(temporaryFolder(), "cloud.sqlite");
  const first = open(file).queues.create("orders", { VisibilityTimeout: "60" }, { team: "blue" });
  const attributes = { type: { DataType: "String", StringValue: "order" } };
  const { messageId } = first.send({ body: "kept", attributes, groupId: "g", traceHeader: "Root=1" });

  const queue = open(file).queues.byName("orders");
  expect(queue?.attributes).toMatchObject({ VisibilityTimeout: "60", MessageRetentionPeriod: "345600" });
  expect(queue?.tags).toEqual({ team: "blue" });
  expect([...(queue?.messages() ?? [])]).toMatchObject([
    { id: messageId, body: "kept", attributes, groupId: "g", traceHeader: "Root=1", state: "ready", receiveCount: 0 },
  ]);
});

test("a message that was received comes back when its visibility timeout ends, and its handle still deletes it", async () => {
  const file = join(temporaryFolder(), "cloud.sqlite");
  const first = open(file).queues.create("orders", { VisibilityTimeout: "60" });
  for (const body of ["a", "b"]) first.send({ body });
  const received = await first.receive({ maximum: 2, signal: untilServed });

  const second = open(file);
  const queue = second.queues.byName("orders");
  expect(queue?.counts).toEqual({ ready: 0, inFlight: 2, delayed: 0 });
  expect(queue?.delete(received[0]?.receiptHandle ?? "")).toBe("done");
  second.clock.advance(60_000);
  expect(queue?.counts).toEqual({ ready: 1, inFlight: 0, delayed: 0 });
  expect(bodiesIn(open(file), "orders")).toEqual(["b"]);
});

test("a message on its way to the dead-letter queue is in one of both queues, whenever the process ends", async () => {
  const file = join(temporaryFolder(), "cloud.sqlite");
  const first = open(file);
  first.queues.create("letters", {});
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn("sqs", "letters"), maxReceiveCount: 1 });
  const source = first.queues.create("source", { RedrivePolicy });
  source.send({ body: "m" });
  await source.receive({ maximum: 1, visibilityTimeoutSeconds: 0, signal: untilServed });
  // Refuses the row of the other queue, as a crash in between would leave it out.
  first.database?.exec(
    "CREATE TRIGGER crash BEFORE UPDATE OF queue ON sqs_messages BEGIN SELECT RAISE(ABORT, 'the process ends here'); END",
  );
  expect(() => source.receive({ maximum: 1, waitSeconds: 0, signal: untilServed })).toThrow("the process ends here");
  const second = open(file);
  expect([bodiesIn(second, "source"), bodiesIn(second, "letters")]).toEqual([["m"], []]);

  second.database?.exec("DROP TRIGGER crash");
  await second.queues.byName("source")?.receive({ maximum: 1, waitSeconds: 0, signal: untilServed });
  const third = open(file);
  expect([bodiesIn(third, "source"), bodiesIn(third, "letters")]).toEqual([[], ["m"]]);
  expect([...(third.queues.byName("letters")?.messages() ?? [])]).toMatchObject([
    { receiveCount: 1, deadLetterSource: arn("sqs", "source") },
  ]);
});

test("a copy is recognized after a restart, and its groups are in order", () => {
  const file = join(temporaryFolder(), "cloud.sqlite");
  const first = open(file).queues.create("orders.fifo", {});
  const { messageId } = first.send({ body: "1", groupId: "g", deduplicationId: "d" });
  first.send({ body: "2", groupId: "g", deduplicationId: "e" });

  const second = open(file);
  const queue = second.queues.byName("orders.fifo");
  expect(queue?.send({ body: "again", groupId: "g", deduplicationId: "d" }).messageId).toBe(messageId);
  queue?.send({ body: "3", groupId: "g", deduplicationId: "f" });
  expect(bodiesIn(open(file), "orders.fifo")).toEqual(["1", "2", "3"]);
});

test("what was purged or deleted does not come back", () => {
  const file = join(temporaryFolder(), "cloud.sqlite");
  const { queues } = open(file);
  for (const name of ["purged", "deleted"]) queues.create(name, {}).send({ body: "m" });
  queues.byName("purged")?.purge();
  const deleted = queues.byName("deleted");
  if (deleted) queues.delete(deleted);
  const second = open(file);
  expect(second.queues.all().map(({ name }) => name)).toEqual(["purged"]);
  expect(bodiesIn(second, "purged")).toEqual([]);
});
