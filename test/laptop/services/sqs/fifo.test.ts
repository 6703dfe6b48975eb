import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { clientConfig, openToTopics, runResources } from "../../../support/cloud-support.ts";

const fifoQueue = (name: string, properties: object = {}) => ({
  Type: "AWS::SQS::Queue",
  Properties: {
    QueueName: name,
    FifoQueue: true,
    DeduplicationScope: "messageGroup",
    FifoThroughputLimit: "perMessageGroupId",
    ...properties,
  },
});
const subscription = (queue: string) => ({
  Type: "AWS::SNS::Subscription",
  Properties: {
    TopicArn: { Ref: "Topic" },
    Endpoint: { "Fn::GetAtt": [queue, "Arn"] },
    Protocol: "sqs",
    RawMessageDelivery: true,
  },
});

/** A FIFO topic with a FIFO and a standard queue, as publishers and consumers see them: over the gateway. */
async function fifoCloud(maxReceiveCount = 100) {
  const deadLetters = { deadLetterTargetArn: { "Fn::GetAtt": ["DeadLetters", "Arn"] }, maxReceiveCount };
  const cloud = await runResources({
    Topic: {
      Type: "AWS::SNS::Topic",
      Properties: { TopicName: "moves.fifo", FifoTopic: true, FifoThroughputScope: "MessageGroup" },
    },
    DeadLetters: fifoQueue("moves-dlq.fifo"),
    Queue: fifoQueue("moves.fifo", { RedrivePolicy: deadLetters }),
    Plain: { Type: "AWS::SQS::Queue", Properties: { QueueName: "plain" } },
    Policy: openToTopics("Queue", "Plain"),
    ToQueue: subscription("Queue"),
    ToPlain: subscription("Plain"),
  });
  const [sns, sqs] = [new SNSClient(clientConfig(cloud)), new SQSClient(clientConfig(cloud))];
  const QueueUrl = `${cloud.endpoint}/000000000000/moves.fifo`;
  return {
    bodies: (queue: string) => cloud.queues.look(queue).messages.map(({ body }) => body),
    /** Publishes bodies like `a1` in one batch: the letter is the group, the whole is the deduplication id. */
    publish: (...bodies: string[]) =>
      sns.send(
        new PublishBatchCommand({
          TopicArn: "arn:aws:sns:us-east-1:000000000000:moves.fifo",
          PublishBatchRequestEntries: bodies.map((body, index) => ({
            Id: String(index),
            Message: body,
            MessageGroupId: body.slice(0, 1),
            MessageDeduplicationId: body,
          })),
        }),
      ),
    receive: async (MaxNumberOfMessages = 10): Promise<Message[]> => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages, VisibilityTimeout: 600 }),
      );
      return Messages;
    },
    putBack: async (...messages: Message[]) => {
      for (const { ReceiptHandle } of messages)
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    },
    remove: async ({ ReceiptHandle }: Message) => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
  };
}

const bodiesOf = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

describe("a FIFO topic", () => {
  test("delivers in order to a FIFO queue, and to a standard queue as well", async () => {
    const { publish, bodies } = await fifoCloud();
    const { Successful, Failed } = await publish("a1", "b1", "a2");
    await publish("a3");

    expect([Successful, Failed ?? []].map((entries) => entries?.length)).toEqual([3, 0]);
    expect(bodies("moves.fifo")).toEqual(["a1", "b1", "a2", "a3"]);
    expect(bodies("plain").toSorted()).toEqual(["a1", "a2", "a3", "b1"]);
  });

  test("delivers a copy that comes within five minutes to no FIFO queue, also when the first one is gone", async () => {
    const { publish, receive, remove, bodies } = await fifoCloud();
    await publish("a1");
    await publish("a1", "a2");
    expect(bodies("moves.fifo")).toEqual(["a1", "a2"]);

    const [first] = await receive(1);
    await remove(first!);
    await publish("a1");
    expect(bodies("moves.fifo")).toEqual(["a2"]);
  });
});

describe("a FIFO queue", () => {
  test("hands out as many of one group as there are, in order, and then those of the next", async () => {
    const { publish, receive } = await fifoCloud();
    await publish("a1", "b1", "a2", "b2", "a3");

    expect(bodiesOf(await receive(4))).toEqual(["a1", "a2", "a3", "b1"]);
  });

  test("hands out nothing of a group while one of it is in flight, and all the rest of it then", async () => {
    const { publish, receive, remove } = await fifoCloud();
    await publish("a1", "a2", "a3", "b1");
    const [a1, a2] = await receive(2);

    expect(bodiesOf(await receive())).toEqual(["b1"]);
    await remove(a1!);
    expect(bodiesOf(await receive())).toEqual([]);
    await remove(a2!);
    expect(bodiesOf(await receive())).toEqual(["a3"]);
  });

  test("has messages that come back in their order, whatever the order in which they came back", async () => {
    const { publish, receive, putBack } = await fifoCloud();
    await publish("a1", "a2", "a3", "a4");
    const [a1, a2, a3] = await receive(3);
    await putBack(a2!, a1!, a3!);

    expect(bodiesOf(await receive())).toEqual(["a1", "a2", "a3", "a4"]);
  });

  test("hands out the rest of a group behind what it has moved to the dead-letter queue", async () => {
    const { publish, receive, putBack, bodies } = await fifoCloud(1);
    await publish("a1", "a2");
    await putBack(...(await receive()));
    await publish("a3");

    expect(bodiesOf(await receive())).toEqual(["a3"]);
    expect(bodies("moves-dlq.fifo")).toEqual(["a1", "a2"]);
  });
});
