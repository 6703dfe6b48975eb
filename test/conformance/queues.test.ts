import { ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import { waitFor } from "../support/target/wait-for.ts";
import { behaviour } from "./behaviour.ts";
import { patience } from "../support/conformance/patience.ts";
import type { ConformanceClient } from "../support/conformance/client.ts";

/** Receives this test's message, however long it is hidden. */
async function receiveMine(app: ConformanceClient, queue: string) {
  const messages = await waitFor(
    `a message in ${queue}`,
    async () => (await app.receive(queue, { MaxNumberOfMessages: 1 })).filter((message) => app.isMine(message)),
    (received) => received.length > 0,
    patience(),
  );
  return messages[0]!;
}

behaviour("dead-on-next-receive", async (app) => {
  await app.send("redriven", app.run);
  await receiveMine(app, "redriven");
  const second = await receiveMine(app, "redriven");
  expect(second.Attributes?.["ApproximateReceiveCount"]).toBe("2");
  expect(await app.receive("redriven-dlq")).toEqual([]);
  // Only a receive moves it.
  await waitFor(
    "the third receive to move the message",
    async () => {
      await app.receive("redriven");
      return app.receive("redriven-dlq");
    },
    (dead) => dead.some((message) => app.isMine(message)),
    patience(),
  );
});

behaviour("visibility", async (app) => {
  await app.send("visible", app.run);
  const first = await receiveMine(app, "visible");
  expect(first.Attributes?.["ApproximateReceiveCount"]).toBe("1");
  expect(await app.receive("visible", { WaitTimeSeconds: 0 })).toEqual([]);
  const again = await receiveMine(app, "visible");
  expect(again.MessageId).toBe(first.MessageId);
  expect(again.Attributes?.["ApproximateReceiveCount"]).toBe("2");
  await app.remove("visible", again);
});

behaviour("visibility-ended", async (app) => {
  await app.send("released", app.run);
  const { ReceiptHandle } = await receiveMine(app, "released");
  const QueueUrl = await app.queueUrl("released");
  await app.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const [again] = await app.receive("released");
  expect(again?.Attributes?.["ApproximateReceiveCount"]).toBe("2");
  await app.remove("released", again!);
});

behaviour("stale-handle", async (app) => {
  await app.send("stale", app.run);
  const { ReceiptHandle } = await receiveMine(app, "stale");
  await receiveMine(app, "stale");
  const QueueUrl = await app.queueUrl("stale");
  await app.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  await waitFor(
    "the message to be gone",
    async () => app.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] })),
    ({ Attributes = {} }) =>
      Attributes["ApproximateNumberOfMessages"] === "0" && Attributes["ApproximateNumberOfMessagesNotVisible"] === "0",
    patience(),
  );
});

behaviour("delay-of-queue", async (app) => {
  await app.send("delayed", app.run);
  expect(await app.receive("delayed", { WaitTimeSeconds: 0 })).toEqual([]);
  await app.remove("delayed", await receiveMine(app, "delayed"));
});

behaviour("delay-of-message", async (app) => {
  await app.send("postponed", `${app.run} later`, { DelaySeconds: 2 });
  await app.send("postponed", `${app.run} now`, { DelaySeconds: 0 });
  expect((await app.take("postponed", 2)).map(({ Body }) => Body)).toEqual([`${app.run} now`, `${app.run} later`]);
});

behaviour("delay-of-message-fifo", async (app) => {
  const sending = app.send("ordered.fifo", app.run, {
    MessageGroupId: app.run,
    MessageDeduplicationId: app.run,
    DelaySeconds: 1,
  });
  await expect(sending).rejects.toThrow(/DelaySeconds/);
});
