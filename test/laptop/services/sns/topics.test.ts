import {
  CreateTopicCommand,
  type CreateTopicCommandInput,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  type PublishCommandInput,
} from "@aws-sdk/client-sns";
import { describe, expect, test } from "vitest";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";

const topicArn = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;

/** A standard and a FIFO topic; a queue that takes all that the first one has. */
async function topics() {
  const cloud = await runResources({
    News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
    Moves: { Type: "AWS::SNS::Topic", Properties: { TopicName: "moves.fifo", FifoTopic: true } },
    Readers: { Type: "AWS::SQS::Queue", Properties: { QueueName: "readers" } },
    MayRead: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "Readers" }],
        PolicyDocument: {
          Statement: {
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: { "Fn::GetAtt": ["Readers", "Arn"] },
          },
        },
      },
    },
    Reads: {
      Type: "AWS::SNS::Subscription",
      Properties: {
        TopicArn: { Ref: "News" },
        Endpoint: { "Fn::GetAtt": ["Readers", "Arn"] },
        Protocol: "sqs",
        RawMessageDelivery: true,
      },
    },
  });
  const sns = new SNSClient(clientConfig(cloud));
  return {
    cloud,
    sns,
    bodies: () => cloud.queues.look("readers").messages.map(({ body }) => body),
    publish: (input: PublishCommandInput, topic = "news") =>
      sns.send(new PublishCommand({ TopicArn: topicArn(topic), ...input })),
    publishBatch: (...entries: { Id: string; Message: string; MessageGroupId?: string }[]) =>
      sns.send(new PublishBatchCommand({ TopicArn: topicArn("news"), PublishBatchRequestEntries: entries })),
  };
}

describe("a topic refuses", () => {
  test("an empty message, one over 256 KiB, and one for a topic that there is not", async () => {
    const { publish, bodies } = await topics();
    await expect(publish({ Message: "" })).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(publish({ Message: "x".repeat(256 * 1_024 + 1) })).rejects.toThrow("Message too long");
    await expect(publish({ Message: "hello" }, "nobody")).rejects.toMatchObject({ name: "NotFoundException" });
    expect(bodies()).toEqual([]);
  });

  test("a whole batch of which one entry is wrong", async () => {
    const { publishBatch, bodies } = await topics();
    await expect(publishBatch({ Id: "good", Message: "hello" }, { Id: "bad", Message: "" })).rejects.toThrow("Empty message");
    const long = "x".repeat(128 * 1_024);
    const batch = publishBatch({ Id: "one", Message: long }, { Id: "two", Message: `${long}x` });
    await expect(batch).rejects.toMatchObject({ name: "BatchRequestTooLongException" });
    expect(bodies()).toEqual([]);
  });

  test("a whole batch in which two entries have one id", async () => {
    const { publishBatch, bodies } = await topics();
    const batch = publishBatch({ Id: "same", Message: "one" }, { Id: "same", Message: "two" });
    await expect(batch).rejects.toMatchObject({ name: "BatchEntryIdsNotDistinctException" });
    expect(bodies()).toEqual([]);
  });

  test("on FIFO, a message without a group, and one that nothing tells from a copy", async () => {
    const { publish } = await topics();
    await expect(publish({ Message: "hello" }, "moves.fifo")).rejects.toThrow("MessageGroupId");
    await expect(publish({ Message: "hello", MessageGroupId: "a" }, "moves.fifo")).rejects.toThrow("ContentBasedDeduplication");
  });
});

test("a message with a text for each protocol reaches a queue as the text for queues", async () => {
  const { publish, bodies } = await topics();
  await publish({ MessageStructure: "json", Message: JSON.stringify({ default: "anybody", sqs: "a queue" }) });
  await publish({ MessageStructure: "json", Message: JSON.stringify({ default: "anybody" }) });
  const withoutDefault = publish({ MessageStructure: "json", Message: JSON.stringify({ sqs: "a queue" }) });
  await expect(withoutDefault).rejects.toThrow("No default entry");
  expect(bodies()).toEqual(["a queue", "anybody"]);
});

test("a FIFO topic numbers what it takes; a copy within five minutes gets the receipt of the message that it repeats", async () => {
  const { cloud, publish } = await topics();
  const send = async (id: string) => {
    const keys = { MessageGroupId: "a", MessageDeduplicationId: id };
    const { MessageId, SequenceNumber = "" } = await publish({ Message: "hello", ...keys }, "moves.fifo");
    return { MessageId, SequenceNumber };
  };
  const first = await send("1");
  const second = await send("2");
  expect(first.SequenceNumber).toMatch(/^\d{20}$/);
  expect(BigInt(second.SequenceNumber)).toBeGreaterThan(BigInt(first.SequenceNumber));
  expect(await send("1")).toEqual(first);
  cloud.clock.advance(5 * 60 * 1_000);
  expect(await send("1")).not.toEqual(first);
});

test.each([
  [{ colour: { DataType: "String" } }, "'colour' must contain non-empty message attribute value"],
  [{ colour: { DataType: "Colour", StringValue: "blue" } }, "'colour' has an invalid message attribute type"],
  [{ colour: { DataType: "String", BinaryValue: Buffer.from("blue") } }, "'colour' with type 'String' must use field 'String'"],
  [{ "col^our": { DataType: "String", StringValue: "blue" } }, "Invalid non-alphanumeric character '#x5E' was found"],
  [{ ".colour": { DataType: "String", StringValue: "blue" } }, "starting with character '.' was found"],
])("the attributes %j are refused, and why", async (MessageAttributes, reason) => {
  const { publish } = await topics();
  await expect(publish({ Message: "hello", MessageAttributes })).rejects.toThrow(reason);
});

test.each(["", "x".repeat(101), "two\nlines"])("the subject %j is refused", async (Subject) => {
  const { publish } = await topics();
  await expect(publish({ Message: "hello", Subject })).rejects.toThrow("Invalid parameter: Subject");
});

test("a topic shows its attributes, with the policy and the delivery that it has by default", async () => {
  const { sns } = await topics();
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn("moves.fifo") }));
  const { Policy = "{}", EffectiveDeliveryPolicy = "{}", ...others } = Attributes ?? {};
  expect(others).toEqual({
    ContentBasedDeduplication: "false",
    DisplayName: "",
    FifoTopic: "true",
    Owner: "000000000000",
    SubscriptionsConfirmed: "0",
    SubscriptionsDeleted: "0",
    SubscriptionsPending: "0",
    TopicArn: topicArn("moves.fifo"),
  });
  expect(JSON.parse(Policy)).toMatchObject({ Id: "__default_policy_ID" });
  expect(JSON.parse(EffectiveDeliveryPolicy)).toMatchObject({ http: { defaultHealthyRetryPolicy: { numRetries: 3 } } });
});

test("to create a topic again is the same topic, unless attributes or tags differ", async () => {
  const { sns } = await topics();
  const create = (more: Omit<CreateTopicCommandInput, "Name"> = {}) =>
    sns.send(new CreateTopicCommand({ Name: "again", ...more }));
  const Tags = [{ Key: "team", Value: "news" }];
  const { TopicArn } = await create({ Tags, Attributes: { DisplayName: "Again" } });
  expect(await create()).toMatchObject({ TopicArn });
  expect(await create({ Tags })).toMatchObject({ TopicArn });
  await expect(create({ Tags: [{ Key: "team", Value: "sport" }] })).rejects.toThrow("Topic already exists with different tags");
  await expect(create({ Attributes: { DisplayName: "Never" } })).rejects.toThrow(
    "Topic already exists with different attributes",
  );
  expect(await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).toMatchObject({ Tags });
});

test("topics come in pages of a hundred", async () => {
  const { sns } = await topics();
  await Promise.all(Array.from({ length: 110 }, (_, n) => sns.send(new CreateTopicCommand({ Name: `page-${n}` }))));
  const first = await sns.send(new ListTopicsCommand());
  const second = await sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
  expect([first.Topics?.length, second.Topics?.length, second.NextToken]).toEqual([100, 12, undefined]);
  expect(new Set([...(first.Topics ?? []), ...(second.Topics ?? [])].map(({ TopicArn }) => TopicArn)).size).toBe(112);
});
