import { describe, expect, test } from "vitest";
import { firstMessage, sqsOfTest } from "./sqs-of-test.ts";

/** A FIFO queue with two messages of one group, of which an attempt has received the first, for 30 seconds. */
async function attempted() {
  const sqs = sqsOfTest();
  const QueueUrl = await sqs.create("orders.fifo", { ContentBasedDeduplication: "true" });
  for (const MessageBody of ["a1", "a2"]) await sqs.answer("SendMessage", { QueueUrl, MessageBody, MessageGroupId: "a" });
  const receive = async (ReceiveRequestAttemptId: string) =>
    firstMessage(await sqs.answer("ReceiveMessage", { QueueUrl, ReceiveRequestAttemptId, VisibilityTimeout: 30 }));
  const first = await receive("attempt");
  return { ...sqs, QueueUrl, receive, first };
}

describe("a receive of a FIFO queue that is repeated by its attempt's id", () => {
  test("hands out the same messages with the same handles, and hides them anew", async () => {
    const { receive, first, clock } = await attempted();
    clock.advance(20_000);
    expect(first?.["Body"]).toBe("a1");
    expect(await receive("attempt")).toEqual(first);
    clock.advance(20_000);
    expect(await receive("other")).toBeUndefined();
    clock.advance(10_000);
    expect((await receive("other"))?.["Body"]).toBe("a1");
  });

  test("is a new one once a message has been deleted, or its visibility timeout changed", async () => {
    const { answer, QueueUrl, receive, first } = await attempted();
    await answer("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: first?.["ReceiptHandle"], VisibilityTimeout: 60 });
    expect(await receive("attempt")).toBeUndefined();
    await answer("DeleteMessage", { QueueUrl, ReceiptHandle: first?.["ReceiptHandle"] });
    expect((await receive("attempt"))?.["Body"]).toBe("a2");
  });
});

test("a standard queue takes no attempt's id", async () => {
  const { call, create } = sqsOfTest();
  const answer = await call("ReceiveMessage", { QueueUrl: await create("orders"), ReceiveRequestAttemptId: "attempt" });
  expect(answer.body["message"]).toBe(
    "Value attempt for parameter ReceiveRequestAttemptId is invalid. Reason: The request include parameter that is not valid for this queue type.",
  );
});
