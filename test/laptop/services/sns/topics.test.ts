import { PublishBatchCommand, PublishCommand, SNSClient, type PublishCommandInput } from "@aws-sdk/client-sns";
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

test("a FIFO topic numbers what it takes, copies too", async () => {
  const { publish } = await topics();
  const keys = { MessageGroupId: "a", MessageDeduplicationId: "1" };
  const numbers = await Promise.all(
    [1, 2].map(async () => (await publish({ Message: "hello", ...keys }, "moves.fifo")).SequenceNumber),
  );
  expect(numbers).toEqual([expect.stringMatching(/^\d{20}$/), expect.stringMatching(/^\d{20}$/)]);
});
