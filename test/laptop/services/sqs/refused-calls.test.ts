import { describe, expect, test } from "vitest";
import { firstMessage, sqsOfTest } from "./sqs-of-test.ts";

/* Calls that AWS refuses, with the code and the words that it has for them. */

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const invalid = (message: string) => ({ __type: "com.amazonaws.sqs#InvalidParameterValueException", message });

describe("AddPermission", () => {
  const permission = { Label: "readers", AWSAccountIds: ["111111111111"], Actions: ["ReceiveMessage"] };

  test.each([
    [
      { Actions: [] },
      {
        __type: "com.amazonaws.sqs#MissingRequiredParameterException",
        message: "The request must contain the parameter Actions.",
      },
    ],
    [{ AWSAccountIds: [] }, invalid("Value [] for parameter PrincipalId is invalid. Reason: Unable to verify.")],
    [
      { Actions: ["RemovePermission"] },
      invalid(
        "Value SQS:RemovePermission for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.",
      ),
    ],
    [
      { Actions: Array.from({ length: 8 }, () => "ReceiveMessage") },
      { __type: "com.amazonaws.sqs#OverLimit", message: "8 Actions were found, maximum allowed is 7." },
    ],
  ])("with %j is refused", async (given, body) => {
    const { call, create } = sqsOfTest();
    expect(await call("AddPermission", { QueueUrl: await create("orders"), ...permission, ...given })).toMatchObject({ body });
  });

  test("leaves a policy that RemovePermission finds other labels in", async () => {
    const { call, answer, create } = sqsOfTest();
    const QueueUrl = await create("orders");
    await answer("AddPermission", { QueueUrl, ...permission });
    expect((await call("RemovePermission", { QueueUrl, Label: "writers" })).body).toEqual(
      invalid("Value writers for parameter Label is invalid. Reason: can't find label on existing policy."),
    );
  });
});

describe("a queue's tags", () => {
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, "value"]));

  test("are fifty at most, when it is created and later", async () => {
    const { call, answer, create } = sqsOfTest();
    const QueueUrl = await create("orders");
    await answer("TagQueue", { QueueUrl, Tags: tags(50) });
    const tooMany = invalid("Too many tags added for queue orders.");
    expect((await call("TagQueue", { QueueUrl, Tags: { one: "more" } })).body).toEqual(tooMany);
    expect((await answer("ListQueueTags", { QueueUrl }))["Tags"]).toEqual(tags(50));
    expect((await call("CreateQueue", { QueueName: "tagged", tags: tags(51) })).status).toBe(400);
    expect((await call("GetQueueUrl", { QueueName: "tagged" })).status).toBe(400);
  });

  test("are added and taken away by calls that name some", async () => {
    const { call, create } = sqsOfTest();
    const QueueUrl = await create("orders");
    expect((await call("TagQueue", { QueueUrl, Tags: {} })).body["message"]).toBe(
      "The request must contain the parameter Tags.",
    );
    expect((await call("UntagQueue", { QueueUrl, TagKeys: [] })).body).toEqual(
      invalid("Tag keys must be between 1 and 128 characters in length."),
    );
  });
});

describe("a visibility timeout", () => {
  async function received(VisibilityTimeout: number) {
    const sqs = sqsOfTest();
    const QueueUrl = await sqs.create("orders");
    await sqs.answer("SendMessage", { QueueUrl, MessageBody: "m" });
    const ReceiptHandle = firstMessage(await sqs.answer("ReceiveMessage", { QueueUrl, VisibilityTimeout }))?.["ReceiptHandle"];
    const change = (seconds: number) =>
      sqs.call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: seconds });
    return { ...sqs, QueueUrl, change };
  }

  test("that has ended is not changed: the call succeeds, and the message stays visible", async () => {
    const { change, clock, service } = await received(1);
    clock.advance(1_000);
    expect(await change(600)).toEqual({ status: 200, body: {} });
    expect(service.look("orders").counts).toMatchObject({ ready: 1, inFlight: 0 });
  });

  test("ends twelve hours after the receive at the latest", async () => {
    const { change, clock } = await received(30);
    expect((await change(43_000)).status).toBe(200);
    clock.advance(60_000);
    expect((await change(43_200)).body).toEqual(
      invalid(
        "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
      ),
    );
    expect((await change(43_000)).status).toBe(200);
  });
});

describe("a redrive policy", () => {
  const redriveTo = (name: string) => JSON.stringify({ deadLetterTargetArn: arnOf(name), maxReceiveCount: 3 });

  test.each([
    ["a queue that is not there", "nobody", "Dead letter target does not exist."],
    ["a queue of the other type", "letters.fifo", "Dead-letter queue must be same type of queue as the source.."],
    [
      "a queue that takes no dead letters of this one",
      "closed",
      "The dead-letter queue's RedriveAllowPolicy does not allow this queue.",
    ],
  ])("to %s is refused when it is set and when a queue is created with it", async (_, target, reason) => {
    const { call, create } = sqsOfTest();
    await create("letters.fifo");
    await create("closed", { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    const RedrivePolicy = redriveTo(target);
    const refused = invalid(`Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
    const QueueUrl = await create("orders");
    expect((await call("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } })).body).toEqual(refused);
    expect((await call("CreateQueue", { QueueName: "returns", Attributes: { RedrivePolicy } })).body).toEqual(refused);
  });

  test("to a queue that names this one is taken", async () => {
    const { create } = sqsOfTest();
    const RedriveAllowPolicy = JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [arnOf("orders")] });
    await create("letters", { RedriveAllowPolicy });
    await create("orders", { RedrivePolicy: redriveTo("letters") });
    await expect(create("returns", { RedrivePolicy: redriveTo("letters") })).rejects.toThrow("RedriveAllowPolicy");
  });

  test.each([
    '{"redrivePermission":"some"}',
    '{"redrivePermission":"byQueue","sourceQueueArns":["orders"]}',
    "[]",
    '{"by":"queue"}',
  ])("allowed by %s is refused", async (RedriveAllowPolicy) => {
    const { call, create } = sqsOfTest();
    const answer = await call("SetQueueAttributes", { QueueUrl: await create("letters"), Attributes: { RedriveAllowPolicy } });
    expect(answer.body).toEqual({
      __type: "com.amazonaws.sqs#InvalidAttributeValue",
      message: "Invalid value for the parameter RedriveAllowPolicy.",
    });
  });

  test.each([
    [
      { redrivePermission: "byQueue" },
      "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.",
    ],
    [
      { redrivePermission: "denyAll", sourceQueueArns: [arnOf("orders")] },
      "To specify one or more source queue ARNs, you must set redrivePermission to byQueue.",
    ],
    [
      { redrivePermission: "byQueue", sourceQueueArns: Array.from({ length: 11 }, (_, index) => arnOf(`orders-${index}`)) },
      "The maximum number of source queue ARNs you can specify is 10.",
    ],
  ])("allowed by %j is refused, and why", async (policy, reason) => {
    const { call, create } = sqsOfTest();
    const RedriveAllowPolicy = JSON.stringify(policy);
    const answer = await call("SetQueueAttributes", { QueueUrl: await create("letters"), Attributes: { RedriveAllowPolicy } });
    const said = `Amazon SQS can't create the redrive allow policy. ${reason}`;
    expect(answer.body).toEqual(
      invalid(`Value ${RedriveAllowPolicy} for parameter RedriveAllowPolicy is invalid. Reason: ${said}`),
    );
  });

  test("with anything else in it is refused", async () => {
    const { create } = sqsOfTest();
    await create("letters");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("letters"), maxReceiveCount: 3, delay: 1 });
    await expect(create("orders", { RedrivePolicy })).rejects.toThrow("Only following attributes are supported");
  });

  test.each([
    ["letters", "Source queue arn and destination queue arn cannot be the same."],
    ["other.fifo", "Source queue and destination queue must be of the same type."],
  ])("'s dead letters are not moved to %s", async (destination, message) => {
    const { call, create, service } = sqsOfTest();
    await create("letters");
    await create("other.fifo");
    await create("orders", { RedrivePolicy: redriveTo("letters") });
    await call("SendMessage", { QueueUrl: "letters", MessageBody: "m" });
    const input = { SourceArn: arnOf("letters"), DestinationArn: arnOf(destination) };
    expect((await call("StartMessageMoveTask", input)).body).toEqual(invalid(message));
    expect(service.look("letters").counts.ready).toBe(1);
  });
});

test("a delay that is too long fails its entry of a batch, and no other", async () => {
  const { answer, create } = sqsOfTest();
  const Entries = [
    { Id: "a", MessageBody: "a" },
    { Id: "b", MessageBody: "b", DelaySeconds: 901 },
  ];
  expect(await answer("SendMessageBatch", { QueueUrl: await create("orders"), Entries })).toMatchObject({
    Successful: [{ Id: "a" }],
    Failed: [
      {
        Id: "b",
        SenderFault: true,
        Code: "InvalidParameterValue",
        Message: "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
      },
    ],
  });
});

test.each([
  { Colour: { DataType: "String", StringValue: "red" } },
  { AWSTraceHeader: { DataType: "Number", StringValue: "1" } },
])("a message with the system attributes %j is refused", async (MessageSystemAttributes) => {
  const { call, create } = sqsOfTest();
  const answer = await call("SendMessage", { QueueUrl: await create("orders"), MessageBody: "m", MessageSystemAttributes });
  expect(answer.body["__type"]).toBe("com.amazonaws.sqs#InvalidParameterValueException");
});

test("a throughput limit per group needs a deduplication scope per group, also in what a queue has already", async () => {
  const { call, create } = sqsOfTest();
  const perGroup = { FifoThroughputLimit: "perMessageGroupId" };
  const refused = {
    __type: "com.amazonaws.sqs#InvalidAttributeValue",
    message:
      "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.",
  };
  const QueueUrl = await create("orders.fifo");
  const set = (Attributes: object) => call("SetQueueAttributes", { QueueUrl, Attributes });
  expect((await set(perGroup)).body).toEqual(refused);
  expect((await set({ ...perGroup, DeduplicationScope: "messageGroup" })).status).toBe(200);
  expect((await set({ DeduplicationScope: "queue" })).body).toEqual(refused);
  expect((await set({ DeduplicationScope: "queue", FifoThroughputLimit: "perQueue" })).status).toBe(200);
});

test("an entry of a batch that lacks something is named as AWS names it", async () => {
  const { call, create } = sqsOfTest();
  const QueueUrl = await create("orders");
  const Entries = [{ Id: "a", MessageBody: "a" }, { MessageBody: "b" }];
  expect((await call("SendMessageBatch", { QueueUrl, Entries })).body["message"]).toBe(
    "The request must contain the parameter SendMessageBatchRequestEntry.2.Id.",
  );
  expect((await call("DeleteMessageBatch", { QueueUrl, Entries: [{ Id: "a" }] })).body["message"]).toBe(
    "The request must contain the parameter DeleteMessageBatchRequestEntry.1.ReceiptHandle.",
  );
});
