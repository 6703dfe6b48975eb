import { describe, expect, test } from "vitest";
import { access } from "#lib/laptop/iam/access.ts";
import { sqsOfTest } from "./sqs-of-test.ts";

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const redriveTo = (name: string) => JSON.stringify({ deadLetterTargetArn: arnOf(name), maxReceiveCount: 1 });

const DEFAULTS = {
  ApproximateNumberOfMessages: "0",
  ApproximateNumberOfMessagesDelayed: "0",
  ApproximateNumberOfMessagesNotVisible: "0",
  CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
  DelaySeconds: "0",
  LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
  VisibilityTimeout: "30",
};

describe("a queue's attributes", () => {
  test("are the defaults of its type until they are set", async () => {
    const { answer, create } = sqsOfTest();
    const all = async (QueueUrl: string) =>
      (await answer("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] }))["Attributes"];
    expect(await all(await create("orders"))).toEqual({ ...DEFAULTS, QueueArn: arnOf("orders") });
    expect(await all(await create("orders.fifo", { ContentBasedDeduplication: "True" }))).toEqual({
      ...DEFAULTS,
      QueueArn: arnOf("orders.fifo"),
      FifoQueue: "true",
      ContentBasedDeduplication: "true",
      DeduplicationScope: "queue",
      FifoThroughputLimit: "perQueue",
    });
  });

  test("go away with an empty text; a KMS key ends encryption by SQS for good", async () => {
    const { answer, create } = sqsOfTest();
    const QueueUrl = await create("orders");
    const set = (Attributes: object) => answer("SetQueueAttributes", { QueueUrl, Attributes });
    const AttributeNames = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "Policy"];
    await set({ KmsMasterKeyId: "key", KmsDataKeyReusePeriodSeconds: "6000" });
    expect(await answer("GetQueueAttributes", { QueueUrl, AttributeNames })).toEqual({
      Attributes: { KmsMasterKeyId: "key", KmsDataKeyReusePeriodSeconds: "6000", SqsManagedSseEnabled: "false" },
    });
    await set({ KmsMasterKeyId: "", KmsDataKeyReusePeriodSeconds: "300" });
    expect(await answer("GetQueueAttributes", { QueueUrl, AttributeNames })).toEqual({
      Attributes: { SqsManagedSseEnabled: "false" },
    });
    expect(await answer("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] })).toEqual({});
  });

  test.each([
    ["orders", { FifoQueue: "true" }, "InvalidAttributeName", "Unknown Attribute FifoQueue."],
    ["orders", { Colour: "red" }, "InvalidAttributeName", "Unknown Attribute Colour."],
    ["orders", { VisibilityTimeout: "43201" }, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."],
    [
      "orders.fifo",
      { FifoQueue: "false" },
      "InvalidAttributeValue",
      "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
    ],
    [
      "orders",
      { DeduplicationScope: "queue" },
      "InvalidAttributeName",
      "You can specify the DeduplicationScope only when FifoQueue is set to true.",
    ],
    ["orders", { Policy: "{" }, "InvalidAttributeValue", "Invalid value for the parameter Policy."],
    [
      "orders",
      { RedrivePolicy: '{"deadLetterTargetArn":"dummy","maxReceiveCount":42}' },
      "InvalidParameterValueException",
      'Value {"deadLetterTargetArn":"dummy","maxReceiveCount":42} for parameter RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn.',
    ],
    [
      "orders",
      { KmsMasterKeyId: "key", SqsManagedSseEnabled: "true" },
      "InvalidAttributeName",
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    ],
  ])("of %s refuse %o", async (name, Attributes, type, message) => {
    const { call, create } = sqsOfTest();
    const answer = await call("SetQueueAttributes", { QueueUrl: await create(name), Attributes });
    expect(answer).toEqual({ status: 400, body: { __type: `com.amazonaws.sqs#${type}`, message } });
  });
});

describe("CreateQueue", () => {
  test("finds the queue that has what is asked for, and refuses one that has something else", async () => {
    const { call, create } = sqsOfTest();
    const url = await create("orders", { DelaySeconds: "1", VisibilityTimeout: "5" });
    expect(await create("orders", { DelaySeconds: "1" })).toBe(url);
    expect(await call("CreateQueue", { QueueName: "orders", Attributes: { DelaySeconds: "2" } })).toMatchObject({
      body: {
        __type: "com.amazonaws.sqs#QueueNameExists",
        message: "A queue already exists with the same name and a different value for attribute DelaySeconds",
      },
    });
  });

  test.each([
    ["a name with a slash", { QueueName: "a/b" }],
    ["a FIFO queue whose name does not say so", { QueueName: "orders", Attributes: { FifoQueue: "true" } }],
    ["a standard queue with the name of a FIFO queue", { QueueName: "orders.fifo" }],
  ])("refuses %s", async (_, input) => {
    const answer = await sqsOfTest().call("CreateQueue", input);
    expect(answer.body["__type"]).toBe("com.amazonaws.sqs#InvalidParameterValueException");
  });

  test("waits a minute after a queue of that name was deleted", async () => {
    const { call, answer, create, clock } = sqsOfTest();
    await answer("DeleteQueue", { QueueUrl: await create("orders") });
    expect((await call("CreateQueue", { QueueName: "orders" })).body["__type"]).toBe("com.amazonaws.sqs#QueueDeletedRecently");
    clock.advance(60_000);
    expect((await call("CreateQueue", { QueueName: "orders" })).status).toBe(200);
  });
});

test("a purge is allowed once a minute", async () => {
  const { call, answer, create, clock } = sqsOfTest();
  const QueueUrl = await create("orders");
  await answer("PurgeQueue", { QueueUrl });
  expect(await call("PurgeQueue", { QueueUrl })).toEqual({
    status: 403,
    body: {
      __type: "com.amazonaws.sqs#PurgeQueueInProgress",
      message: "Only one PurgeQueue operation on orders is allowed every 60 seconds.",
    },
  });
  clock.advance(60_000);
  await answer("PurgeQueue", { QueueUrl });
});

test("queues are listed by name, page by page, and there is no list of none", async () => {
  const { answer, create } = sqsOfTest();
  const urls = [];
  for (const name of ["a-1", "a-2", "a-3", "b-1"]) urls.push(await create(name));
  const first = await answer("ListQueues", { QueueNamePrefix: "a-", MaxResults: 2 });
  expect(first).toEqual({ QueueUrls: urls.slice(0, 2), NextToken: expect.any(String) });
  const rest = await answer("ListQueues", { QueueNamePrefix: "a-", MaxResults: 2, NextToken: first["NextToken"] });
  expect(rest).toEqual({ QueueUrls: [urls[2]] });
  expect(await answer("ListQueues", { QueueNamePrefix: "c-" })).toEqual({});
});

test("a queue goes by any host and path that ends in its name, and by its name", async () => {
  const { answer, create } = sqsOfTest();
  await create("orders", { DelaySeconds: "7" });
  for (const QueueUrl of [
    "orders",
    "http://localhost:4566/000000000000/orders",
    "http://sqs.us-east-1.localhost:4566/000000000000/orders",
    "http://localhost:4566/queue/us-east-1/000000000000/orders",
  ]) {
    const { Attributes } = await answer("GetQueueAttributes", { QueueUrl, AttributeNames: ["DelaySeconds"] });
    expect(Attributes).toEqual({ DelaySeconds: "7" });
  }
});

test("tags are added, replaced and taken away", async () => {
  const { answer, create } = sqsOfTest();
  const QueueUrl = await create("orders");
  const tags = async () => (await answer("ListQueueTags", { QueueUrl }))["Tags"];
  await answer("TagQueue", { QueueUrl, Tags: { Team: "blue", team: "red", none: "" } });
  await answer("TagQueue", { QueueUrl, Tags: { Team: "green" } });
  expect(await tags()).toEqual({ Team: "green", team: "red", none: "" });
  await answer("UntagQueue", { QueueUrl, TagKeys: ["Team", "team", "none", "unknown"] });
  expect(await tags()).toBeUndefined();
});

describe("a queue's policy", () => {
  const topic = {
    kind: "service",
    service: "sns.amazonaws.com",
    sourceArn: "arn:aws:sns:us-east-1:000000000000:events",
  } as const;
  const policy = (Effect: "Allow" | "Deny") =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect, Principal: { Service: topic.service }, Action: "sqs:SendMessage", Resource: arnOf("orders") }],
    });

  test("is what IAM goes by, however it was set, until it is taken away", async () => {
    const { iam, answer, create } = sqsOfTest();
    const mayDeliver = () => iam.control.allows(topic, access("sqs:SendMessage", arnOf("orders")));
    const QueueUrl = await create("orders", { Policy: policy("Allow") });
    expect(mayDeliver()).toBe(true);
    await answer("SetQueueAttributes", { QueueUrl, Attributes: { Policy: policy("Deny") } });
    expect(mayDeliver()).toBe(false);
    await answer("SetQueueAttributes", { QueueUrl, Attributes: { Policy: policy("Allow") } });
    await answer("SetQueueAttributes", { QueueUrl, Attributes: { Policy: "" } });
    expect(mayDeliver()).toBe(false);
  });

  test("gets a statement by AddPermission, and goes with its last one", async () => {
    const { call, answer, create } = sqsOfTest();
    const QueueUrl = await create("orders");
    const permission = { QueueUrl, Label: "readers", AWSAccountIds: ["111111111111"], Actions: ["ReceiveMessage"] };
    await answer("AddPermission", permission);
    const { Attributes } = await answer("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] });
    expect(Attributes).toEqual({
      Policy: JSON.stringify({
        Version: "2008-10-17",
        Id: `${arnOf("orders")}/SQSDefaultPolicy`,
        Statement: [
          {
            Sid: "readers",
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::111111111111:root" },
            Action: "SQS:ReceiveMessage",
            Resource: arnOf("orders"),
          },
        ],
      }),
    });
    expect((await call("AddPermission", permission)).body["message"]).toBe(
      "Value readers for parameter Label is invalid. Reason: Already exists.",
    );
    await answer("RemovePermission", { QueueUrl, Label: "readers" });
    expect(await answer("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] })).toEqual({});
    expect((await call("RemovePermission", { QueueUrl, Label: "readers" })).body["message"]).toBe(
      "Value readers for parameter Label is invalid. Reason: can't find label.",
    );
  });
});

describe("a message move task", () => {
  /** Queues `work` and `letters`, its dead-letter queue, with some messages in that. */
  async function withLetters(count: number) {
    const sqs = sqsOfTest();
    await sqs.create("letters");
    const QueueUrl = await sqs.create("work", { RedrivePolicy: redriveTo("letters"), VisibilityTimeout: "0" });
    for (let index = 0; index < count; index += 1) await sqs.answer("SendMessage", { QueueUrl, MessageBody: String(index) });
    for (const _ of [1, 2]) await sqs.answer("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    const ready = (name: string) => sqs.service.look(name).counts.ready;
    const start = (input: object = {}) => sqs.answer("StartMessageMoveTask", { SourceArn: arnOf("letters"), ...input });
    const list = async () => (await sqs.answer("ListMessageMoveTasks", { SourceArn: arnOf("letters") }))["Results"];
    return { ...sqs, ready, start, list };
  }

  test("moves dead letters back to where they came from, as messages that are sent anew", async () => {
    const { service, start, list, ready, answer } = await withLetters(3);
    expect(await answer("ListDeadLetterSourceQueues", { QueueUrl: "letters" })).toEqual({
      queueUrls: ["http://127.0.0.1:4566/000000000000/work"],
    });
    await start();
    expect([ready("letters"), ready("work")]).toEqual([0, 3]);
    expect(service.look("work").messages).toMatchObject(Array.from({ length: 3 }, () => ({ receiveCount: 0 })));
    expect(await list()).toEqual([
      {
        Status: "COMPLETED",
        SourceArn: arnOf("letters"),
        ApproximateNumberOfMessagesMoved: 3,
        ApproximateNumberOfMessagesToMove: 3,
        StartedTimestamp: expect.any(Number),
      },
    ]);
  });

  test("moves so many per second, one at a time for a queue, until it is cancelled", async () => {
    const { call, answer, create, clock, start, list, ready } = await withLetters(5);
    await create("elsewhere");
    const { TaskHandle } = await start({ DestinationArn: arnOf("elsewhere"), MaxNumberOfMessagesPerSecond: 1 });
    expect((await call("StartMessageMoveTask", { SourceArn: arnOf("letters") })).body["message"]).toMatch(
      /^There is already a task/,
    );
    expect(ready("elsewhere")).toBe(1);
    clock.advance(1_000);
    expect(ready("elsewhere")).toBe(2);
    expect(await list()).toMatchObject([{ Status: "RUNNING", TaskHandle, MaxNumberOfMessagesPerSecond: 1 }]);
    expect(await answer("CancelMessageMoveTask", { TaskHandle })).toEqual({ ApproximateNumberOfMessagesMoved: 2 });
    clock.advance(5_000);
    expect([ready("letters"), ready("elsewhere")]).toEqual([3, 2]);
    expect(await list()).toMatchObject([{ Status: "CANCELLED", ApproximateNumberOfMessagesMoved: 2 }]);
  });

  test("fails where its destination goes away", async () => {
    const { answer, create, clock, start, list, ready } = await withLetters(3);
    const QueueUrl = await create("elsewhere");
    await start({ DestinationArn: arnOf("elsewhere"), MaxNumberOfMessagesPerSecond: 1 });
    await answer("DeleteQueue", { QueueUrl });
    clock.advance(1_000);
    expect(await list()).toMatchObject([{ Status: "FAILED", FailureReason: "AWS.SimpleQueueService.NonExistentQueue" }]);
    expect(ready("letters")).toBe(2);
  });

  const handle = (sourceArn: string) => Buffer.from(JSON.stringify({ taskId: "none", sourceArn })).toString("base64");
  test.each([
    ["StartMessageMoveTask", { SourceArn: arnOf("work") }, 400, "Source queue must be configured as a Dead Letter Queue."],
    [
      "StartMessageMoveTask",
      { SourceArn: arnOf("letters"), DestinationArn: arnOf("none") },
      404,
      "The resource that you specified for the DestinationArn parameter doesn't exist.",
    ],
    ["CancelMessageMoveTask", { TaskHandle: "x" }, 400, "Value for parameter TaskHandle is invalid."],
    ["CancelMessageMoveTask", { TaskHandle: handle(arnOf("letters")) }, 404, "Task does not exist."],
    [
      "CancelMessageMoveTask",
      { TaskHandle: handle(arnOf("none")) },
      404,
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    ],
  ])("%s of %o is refused", async (action, input, status, message) => {
    const { call } = await withLetters(0);
    expect(await call(action, input)).toMatchObject({ status, body: { message } });
  });
});
