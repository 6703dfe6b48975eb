import { describe, expect, test } from "vitest";
import { firstMessage, sqsOfTest } from "./sqs-of-test.ts";

/*
 * What SQS answers, as recorded of AWS by the suites that were validated against it, or else as its API reference has it. The JSON
 * protocol's type of an error stands before its message.
 */

const refused = (type: string, message: string) => ({
  status: 400,
  body: { __type: `com.amazonaws.sqs#${type}`, message },
});

const text = (StringValue: string) => ({ DataType: "String", StringValue });

describe("SendMessage", () => {
  test.each([
    [
      "an empty body",
      { MessageBody: "" },
      "MissingRequiredParameterException",
      "The request must contain the parameter MessageBody.",
    ],
    [
      "a delay of over 15 minutes",
      { MessageBody: "m", DelaySeconds: 901 },
      "InvalidParameterValueException",
      "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
    ],
    [
      "a group id with a space",
      { MessageBody: "m", MessageGroupId: "group 1" },
      "InvalidParameterValueException",
      "Value group 1 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    ],
    [
      "an attribute without a value",
      { MessageBody: "m", MessageAttributes: { ErrorDetails: text("") } },
      "InvalidParameterValueException",
      "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
    ],
    [
      "a body over the queue's limit, its attributes counted",
      { MessageBody: "a".repeat(1_017), MessageAttributes: { k: text("x") } },
      "InvalidParameterValueException",
      "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
    ],
  ])("refuses %s", async (_, input, type, message) => {
    const { call, create } = sqsOfTest();
    const QueueUrl = await create("orders", { MaximumMessageSize: "1024" });
    expect(await call("SendMessage", { QueueUrl, ...input })).toEqual(refused(type, message));
  });

  test.each([
    ["a control character in the body", { MessageBody: "\u0001" }, "InvalidMessageContents"],
    [
      "a control character in an attribute",
      { MessageBody: "m", MessageAttributes: { a: text("\b") } },
      "InvalidParameterValueException",
    ],
    [
      "an attribute of AWS's own names",
      { MessageBody: "m", MessageAttributes: { "aWs.x": text("x") } },
      "InvalidParameterValueException",
    ],
    [
      "an attribute name with !",
      { MessageBody: "m", MessageAttributes: { "a!": text("x") } },
      "InvalidParameterValueException",
    ],
    [
      "an unknown type",
      { MessageBody: "m", MessageAttributes: { a: { DataType: "Text", StringValue: "x" } } },
      "InvalidParameterValueException",
    ],
    [
      "a number that is none",
      { MessageBody: "m", MessageAttributes: { a: { DataType: "Number", StringValue: "x" } } },
      "InvalidParameterValueException",
    ],
    [
      "eleven attributes",
      {
        MessageBody: "m",
        MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, text("x")])),
      },
      "InvalidParameterValueException",
    ],
  ])("refuses %s", async (_, input, type) => {
    const { call, create } = sqsOfTest();
    const answer = await call("SendMessage", { QueueUrl: await create("orders"), ...input });
    expect(answer).toMatchObject({ status: 400, body: { __type: `com.amazonaws.sqs#${type}` } });
  });

  test("answers with the digests of what it took, X-Ray's header counted for itself", async () => {
    const { answer, create } = sqsOfTest();
    const AWSTraceHeader = text("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
    const sent = await answer("SendMessage", {
      QueueUrl: await create("orders"),
      MessageBody: "msg",
      MessageAttributes: { "Help.Me": text("Me"), Hello: text("There"), General: text("Kenobi") },
      MessageSystemAttributes: { AWSTraceHeader },
    });
    expect(sent).toMatchObject({
      MD5OfMessageBody: "6e2baaf3b97dbeef01c0043275f9a0e7",
      MD5OfMessageAttributes: "4c360f3fdafd970e05fae2f149d997f5",
      MD5OfMessageSystemAttributes: "5ae4d5d7636402d80f4eb6d213245a88",
    });
  });

  test("needs a group on a FIFO queue, and an id where the queue makes none", async () => {
    const { call, create } = sqsOfTest();
    const QueueUrl = await create("orders.fifo");
    const missing = { QueueUrl, MessageBody: "m" };
    expect(await call("SendMessage", { ...missing, MessageDeduplicationId: "d" })).toEqual(
      refused("MissingRequiredParameterException", "The request must contain the parameter MessageGroupId."),
    );
    expect(await call("SendMessage", { ...missing, MessageGroupId: "g" })).toMatchObject({
      body: { message: expect.stringMatching(/^The queue should either have ContentBasedDeduplication enabled or/) },
    });
    expect(
      await call("SendMessage", { ...missing, MessageGroupId: "g", MessageDeduplicationId: "d", DelaySeconds: 2 }),
    ).toEqual(
      refused(
        "InvalidParameterValueException",
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
      ),
    );
  });
});

describe("SendMessageBatch", () => {
  const entry = (Id: string, more: object = {}) => ({ Id, MessageBody: Id || "m", ...more });

  test("takes the entries that are sound, and leaves out what there is none of", async () => {
    const { answer, create } = sqsOfTest();
    const QueueUrl = await create("orders");
    const mixed = await answer("SendMessageBatch", { QueueUrl, Entries: [entry("1"), { Id: "2", MessageBody: "\u0001" }] });
    expect(mixed).toMatchObject({
      Successful: [{ Id: "1" }],
      Failed: [{ Id: "2", SenderFault: true, Code: "InvalidMessageContents" }],
    });
    expect(Object.keys(await answer("SendMessageBatch", { QueueUrl, Entries: [entry("1")] }))).toEqual(["Successful"]);
  });

  test.each([
    ["no entries", [], "EmptyBatchRequest"],
    ["eleven entries", Array.from({ length: 11 }, (_, index) => entry(String(index))), "TooManyEntriesInBatchRequest"],
    ["an id with a colon", [entry("a:b")], "InvalidBatchEntryId"],
    ["an id twice", [entry("a"), entry("a")], "BatchEntryIdsNotDistinct"],
    ["over 1 MiB together", [entry("a", { MessageBody: "a".repeat(1_048_576) }), entry("b")], "BatchRequestTooLong"],
  ])("refuses %s as a whole", async (_, Entries, type) => {
    const { service, call, create } = sqsOfTest();
    const answer = await call("SendMessageBatch", { QueueUrl: await create("orders"), Entries });
    expect(answer).toMatchObject({ status: 400, body: { __type: `com.amazonaws.sqs#${type}` } });
    expect(service.look("orders").messages).toEqual([]);
  });

  test.each([
    [
      { MessageGroupId: "g" },
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    ],
    [{ MessageDeduplicationId: "d" }, "The request must contain the parameter MessageGroupId."],
  ])("with an entry that has only %o is refused as a whole on a FIFO queue", async (ids, message) => {
    const { service, call, create } = sqsOfTest();
    const sound = entry("1", { MessageGroupId: "g", MessageDeduplicationId: "e" });
    const answer = await call("SendMessageBatch", { QueueUrl: await create("orders.fifo"), Entries: [sound, entry("2", ids)] });
    expect(answer).toEqual(refused("InvalidParameterValueException", message));
    expect(service.look("orders.fifo").messages).toEqual([]);
  });
});

describe("ReceiveMessage", () => {
  async function withMessage() {
    const sqs = sqsOfTest();
    const QueueUrl = await sqs.create("orders", { VisibilityTimeout: "0" });
    const MessageAttributes = { "Help.Me": text("Me"), Hello: text("There"), General: text("Kenobi") };
    await sqs.answer("SendMessage", { QueueUrl, MessageBody: "msg", MessageAttributes });
    const receive = async (input: object) => firstMessage(await sqs.answer("ReceiveMessage", { QueueUrl, ...input }));
    return { ...sqs, QueueUrl, receive };
  }

  test.each([
    [["All"], "4c360f3fdafd970e05fae2f149d997f5", ["General", "Hello", "Help.Me"]],
    [["*"], "4c360f3fdafd970e05fae2f149d997f5", ["General", "Hello", "Help.Me"]],
    [[".*"], "4c360f3fdafd970e05fae2f149d997f5", ["General", "Hello", "Help.Me"]],
    [["Hello", "General"], "fca026605781cb4126a1e9044df24232", ["General", "Hello"]],
    [["Foo", "Hello"], "a311262e065454b75da111d535b8dacd", ["Hello"]],
    [["Hel.*"], "83fee93c1bcd8b9a5a923ffacdc636c7", ["Hello", "Help.Me"]],
  ])("asked for %o hands out those attributes, and their digest", async (MessageAttributeNames, digest, names) => {
    const message = await (await withMessage()).receive({ MessageAttributeNames });
    expect(Object.keys(message?.["MessageAttributes"] ?? {}).toSorted()).toEqual(names);
    expect(message?.["MD5OfMessageAttributes"]).toBe(digest);
  });

  test.each([[[]], [["Foo", "Help"]], [["AWS."]], [["..foo"]]])(
    "asked for %o hands out none",
    async (MessageAttributeNames) => {
      const message = await (await withMessage()).receive({ MessageAttributeNames });
      expect(Object.keys(message ?? {}).toSorted()).toEqual(["Body", "MD5OfBody", "MessageId", "ReceiptHandle"]);
    },
  );

  test("hands out the system attributes that are asked for by either name, and only those that there are", async () => {
    const { receive } = await withMessage();
    const names = async (input: object) => Object.keys((await receive(input))?.["Attributes"] ?? {}).toSorted();
    const all = ["ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"];
    expect(await names({ AttributeNames: ["All"] })).toEqual(all);
    expect(await names({ MessageSystemAttributeNames: ["All"], AttributeNames: ["SenderId"] })).toEqual(all);
    expect(await names({ MessageSystemAttributeNames: ["SenderId", "SequenceNumber"] })).toEqual(["SenderId"]);
  });

  test.each([
    [
      { MaxNumberOfMessages: 11 },
      "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
    ],
    [
      { WaitTimeSeconds: -1 },
      "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
    ],
  ])("refuses %o", async (input, message) => {
    const { call, QueueUrl } = await withMessage();
    expect(await call("ReceiveMessage", { QueueUrl, ...input })).toEqual(refused("InvalidParameterValueException", message));
  });

  test("of an empty queue answers without Messages", async () => {
    const { answer, create } = sqsOfTest();
    expect(await answer("ReceiveMessage", { QueueUrl: await create("empty") })).toEqual({});
  });
});

describe("a receipt handle", () => {
  async function received() {
    const sqs = sqsOfTest();
    const QueueUrl = await sqs.create("orders");
    await sqs.answer("SendMessage", { QueueUrl, MessageBody: "m" });
    const ReceiptHandle = firstMessage(await sqs.answer("ReceiveMessage", { QueueUrl }))?.["ReceiptHandle"];
    return { ...sqs, QueueUrl, ReceiptHandle };
  }

  test("that is garbage is invalid", async () => {
    const { call, QueueUrl } = await received();
    const expected = refused("ReceiptHandleIsInvalid", 'The input receipt handle "garbage" is not a valid receipt handle.');
    expect(await call("DeleteMessage", { QueueUrl, ReceiptHandle: "garbage" })).toEqual(expected);
    expect(await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: "garbage", VisibilityTimeout: 1 })).toEqual(
      expected,
    );
  });

  test("of a deleted message deletes as often as one likes, and changes nothing", async () => {
    const { call, answer, QueueUrl, ReceiptHandle } = await received();
    for (const _ of [1, 2]) await answer("DeleteMessage", { QueueUrl, ReceiptHandle });
    const reason = "Message does not exist or is not available for visibility timeout change.";
    expect(await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 1 })).toEqual(
      refused(
        "InvalidParameterValueException",
        `Value ${String(ReceiptHandle)} for parameter ReceiptHandle is invalid. Reason: ${reason}`,
      ),
    );
  });
});
