import {
  CreateTopicCommand,
  ListTagsForResourceCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { describe, expect, test } from "vitest";
import { post } from "#lib/laptop/services/sns/delivery/http-endpoint.ts";
import { bodiesIn, newsCloud, QUEUE, TOPIC } from "./sns-support.ts";

const number = (StringValue: string) => ({ MessageAttributes: { count: { DataType: "Number", StringValue } } });

test.each<[Partial<PublishCommandInput>, string]>([
  [number("0x10"), "Could not cast message attribute 'count' value to number."],
  [number(" "), "Could not cast message attribute 'count' value to number."],
  [number("Infinity"), "Could not cast message attribute 'count' value to number."],
  [
    { MessageAttributes: { raw: { DataType: "Binary", BinaryValue: new Uint8Array() } } },
    "The message attribute 'raw' must contain non-empty message attribute value for message attribute type 'Binary'.",
  ],
  [
    { MessageGroupId: "two words" },
    "Invalid parameter: MessageGroupId Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length",
  ],
  [{ MessageGroupId: "a".repeat(129) }, "Invalid parameter: MessageGroupId Reason: "],
  [{ MessageDeduplicationId: "é" }, "Invalid parameter: MessageDeduplicationId Reason: "],
])("a message with %j is refused, and reaches nobody", async (given, reason) => {
  const { cloud, sns } = await newsCloud();
  await sns.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol: "sqs", Endpoint: QUEUE }));
  await expect(sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news", ...given }))).rejects.toThrow(reason);
  expect(bodiesIn(cloud, "readers")).toEqual([]);
});

describe("a delivery policy is refused", () => {
  test.each([
    [{ healthyRetryPolicy: { numRetries: 101 } }, "numRetries must be an integer between 0 and 100"],
    [{ healthyRetryPolicy: { minDelayTarget: -1 } }, "minDelayTarget must be an integer between 1 and 3600"],
    [{ healthyRetryPolicy: { minDelayTarget: 30, maxDelayTarget: 20 } }, "maxDelayTarget must be greater than or equal to"],
    [{ healthyRetryPolicy: { backoffFunction: "random" } }, "backoffFunction must be one of"],
    [{ requestPolicy: { headerContentType: "text/plain\nX-Own: header" } }, "headerContentType must be a content type"],
  ])("for %j", async (policy, reason) => {
    const { sns } = await newsCloud();
    const subscription = { TopicArn: TOPIC, Protocol: "http", Endpoint: "http://localhost:1/" };
    const DeliveryPolicy = JSON.stringify(policy);
    await expect(sns.send(new SubscribeCommand({ ...subscription, Attributes: { DeliveryPolicy } }))).rejects.toThrow(
      `Invalid parameter: Attributes Reason: DeliveryPolicy: ${reason}`,
    );
    const AttributeValue = JSON.stringify({ http: policy });
    const set = new SetTopicAttributesCommand({ TopicArn: TOPIC, AttributeName: "DeliveryPolicy", AttributeValue });
    await expect(sns.send(set)).rejects.toThrow("Invalid parameter: DeliveryPolicy");
  });

  test("and one that was kept all the same fails its delivery alone", async () => {
    const message = { type: "Notification", messageId: "1", topicArn: TOPIC, contentType: "a\nb", body: "news" } as const;
    expect(await post("http://localhost:1/", message)).toBe("refused");
  });
});

test("an address that is not well encoded is no fault of the cloud's", async () => {
  const { cloud } = await newsCloud();
  const answer = await fetch(`${cloud.endpoint}/?Action=ListTopics&Version=2010-03-31&NextToken=%E0%A4%A`);
  expect(answer.status).toBeLessThan(500);
});

test("a topic is not created with more than fifty tags", async () => {
  const { sns } = await newsCloud();
  const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `key-${index}`, Value: "value" }));
  await expect(sns.send(new CreateTopicCommand({ Name: "tagged", Tags }))).rejects.toMatchObject({
    name: "TagLimitExceededException",
  });
  const ResourceArn = TOPIC.replace("news", "tagged");
  await expect(sns.send(new ListTagsForResourceCommand({ ResourceArn }))).rejects.toThrow("Resource does not exist");
});

test.each([
  { Protocol: "http", Endpoint: "http://localhost:1/" },
  { Protocol: "email", Endpoint: "reader@example.com" },
  { Protocol: "lambda", Endpoint: "arn:aws:lambda:us-east-1:000000000000:function:reader" },
])("a FIFO topic takes no subscription by $Protocol", async (subscription) => {
  const { sns } = await newsCloud();
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "moves.fifo", Attributes: { FifoTopic: "true" } }));
  await expect(sns.send(new SubscribeCommand({ TopicArn, ...subscription }))).rejects.toThrow(
    "FIFO topics deliver to SQS queues alone",
  );
});

test("an empty filter policy takes the subscription's policy away", async () => {
  const { cloud, sns } = await newsCloud();
  const subscribe = (FilterPolicy: string) =>
    sns.send(
      new SubscribeCommand({
        TopicArn: TOPIC,
        Protocol: "sqs",
        Endpoint: QUEUE,
        Attributes: { FilterPolicy, RawMessageDelivery: "true" },
      }),
    );
  const { SubscriptionArn } = await subscribe('{"type":["sport"]}');
  const publish = (Message: string) => sns.send(new PublishCommand({ TopicArn: TOPIC, Message }));
  await publish("filtered");
  await sns.send(
    new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue: "{}" }),
  );
  expect(await subscribe("{}")).toMatchObject({ SubscriptionArn });
  await publish("unfiltered");
  expect(bodiesIn(cloud, "readers")).toEqual(["unfiltered"]);
});

describe("a topic with a MaximumMessageSize of 1 MiB", () => {
  async function largeTopic() {
    const { cloud, sns } = await newsCloud();
    const set = (AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn: TOPIC, AttributeName: "MaximumMessageSize", AttributeValue }));
    const subscribe = (Protocol: string, Endpoint: string) =>
      sns.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol, Endpoint, Attributes: { RawMessageDelivery: "true" } }));
    return { cloud, sns, set, subscribe };
  }

  test("takes messages and batches of that size, and none above it", async () => {
    const { cloud, sns, set, subscribe } = await largeTopic();
    await subscribe("sqs", QUEUE);
    await set("1048576");
    const Message = "x".repeat(1_048_576);
    await sns.send(new PublishCommand({ TopicArn: TOPIC, Message }));
    const half = (Id: string, more = "") => ({ Id, Message: Message.slice(0, 524_288) + more });
    const batch = (...PublishBatchRequestEntries: { Id: string; Message: string }[]) =>
      sns.send(new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries }));
    await batch(half("a"), half("b"));
    await expect(batch(half("a"), half("b", "x"))).rejects.toMatchObject({ name: "BatchRequestTooLongException" });
    await expect(sns.send(new PublishCommand({ TopicArn: TOPIC, Message: `${Message}x` }))).rejects.toThrow("Message too long");
    expect(bodiesIn(cloud, "readers").map(({ length }) => length)).toEqual([1_048_576, 524_288, 524_288]);
  });

  test("is not one that delivers by e-mail", async () => {
    const { set, subscribe } = await largeTopic();
    await subscribe("email", "reader@example.com");
    await expect(set("1048576")).rejects.toThrow("a topic can have subscriptions by firehose, lambda, sqs alone");
  });

  test("has a hundred subscriptions at most", async () => {
    const { set, subscribe } = await largeTopic();
    await set("262145");
    await expect(subscribe("email", "reader@example.com")).rejects.toThrow("subscriptions by firehose, lambda, sqs alone");
    await Promise.all(Array.from({ length: 100 }, (_, index) => subscribe("sqs", `${QUEUE}-${index}`)));
    await expect(subscribe("sqs", QUEUE)).rejects.toThrow("a topic can have up to 100 subscriptions");
  });

  test.each(["1023", "1048577", "large"])("is not one of %s bytes", async (size) => {
    const { set } = await largeTopic();
    await expect(set(size)).rejects.toThrow(`Invalid parameter: MaximumMessageSize: Invalid value [${size}]`);
  });
});
