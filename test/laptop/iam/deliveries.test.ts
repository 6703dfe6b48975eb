import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import type { IamMode } from "#lib/laptop/index.ts";
import {
  clientConfig,
  codeFolder,
  lambda,
  openToTopics,
  rawSubscription,
  runCloud,
  runResources,
  writeAssembly,
} from "../../support/cloud-support.ts";
import { role } from "./templates.ts";

const HERE = "us-east-1:000000000000";
const TOPIC = `arn:aws:sns:${HERE}:events`;
const QUEUE = `arn:aws:sqs:${HERE}:orders`;

function notices(cloud: Cloud): string[] {
  return cloud.activity.recent().flatMap((activity) => (activity.kind === "notice" ? [activity.line] : []));
}

describe("SNS delivers to a queue as the queue's policy lets it", () => {
  /** A topic, and a queue that subscribes to it with a dead-letter queue; those that the topic may send to are named. */
  async function publishTo(
    open: readonly string[],
    { deadLetters = true, iam }: { deadLetters?: boolean; iam?: IamMode } = {},
  ) {
    const redrive = { RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Undelivered", "Arn"] } } };
    const cloud = await runResources(
      {
        Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
        Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } },
        Undelivered: { Type: "AWS::SQS::Queue", Properties: { QueueName: "undelivered" } },
        ...(open.length > 0 && { Policy: openToTopics(...open) }),
        Subscription: rawSubscription({ ...(deadLetters && redrive) }),
      },
      iam && { iam },
    );
    await new SNSClient(clientConfig(cloud)).send(new PublishCommand({ TopicArn: TOPIC, Message: "m" }));
    const held = (queue: string) => cloud.queues.look(queue).counts.ready;
    return { cloud, queue: held("orders"), undelivered: held("undelivered") };
  }

  const refused = (queue: string) =>
    `sns.amazonaws.com (for ${TOPIC}) sqs:SendMessage on arn:aws:sqs:${HERE}:${queue}: no resource-based policy allows it. ` +
    `Missing grant: {"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage",` +
    `"Resource":"arn:aws:sqs:${HERE}:${queue}","Condition":{"ArnEquals":{"aws:SourceArn":"${TOPIC}"}}}`;

  test("to one that is open to it", async () => {
    expect(await publishTo(["Queue", "Undelivered"])).toMatchObject({ queue: 1, undelivered: 0 });
  });

  test("to the subscription's dead-letter queue instead of one that refuses it", async () => {
    const { cloud, ...held } = await publishTo(["Undelivered"]);
    expect(held).toEqual({ queue: 0, undelivered: 1 });
    expect(notices(cloud)).toEqual([`IAM refuses ${refused("orders")}`]);
  });

  test("nowhere, where the dead-letter queue refuses it as well or there is none", async () => {
    const both = await publishTo([]);
    expect(both).toMatchObject({ queue: 0, undelivered: 0 });
    expect(notices(both.cloud)).toEqual([`IAM refuses ${refused("orders")}`, `IAM refuses ${refused("undelivered")}`]);
    expect(await publishTo(["Undelivered"], { deadLetters: false })).toMatchObject({ queue: 0, undelivered: 0 });
  });

  test("all the same where refusals are only reported", async () => {
    const { cloud, ...held } = await publishTo([], { iam: "report" });
    expect(held).toEqual({ queue: 1, undelivered: 0 });
    expect(notices(cloud)).toEqual([`IAM would refuse ${refused("orders")}`]);
    expect(await publishTo([], { iam: "off" })).toMatchObject({ queue: 1, undelivered: 0 });
  });
});

describe("an event source mapping", () => {
  const poll = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

  /** A function that drains a queue, with the grants given. */
  function drained(actions: readonly string[], iam?: IamMode): Promise<Cloud> {
    const resources = {
      Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } },
      Clerk: role(
        "clerk",
        ...actions.map((Action) => ({ Effect: "Allow", Action, Resource: { "Fn::GetAtt": ["Queue", "Arn"] } })),
      ),
      Function: lambda("greet", "code", {}, { "Fn::GetAtt": ["Clerk", "Arn"] }),
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: { EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] }, FunctionName: { Ref: "Function" } },
      },
    };
    const assembly = writeAssembly({ shop: { Resources: resources } }, { code: codeFolder("export const handler = () => {}") });
    return runCloud({ assembly, ...(iam && { iam }) });
  }

  async function send(cloud: Cloud): Promise<void> {
    const message = new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/orders`, MessageBody: "m" });
    await new SQSClient(clientConfig(cloud)).send(message);
  }

  const drains = (cloud: Cloud) => cloud.status().then(({ queues }) => queues.find(({ name }) => name === "orders")?.drainedBy);

  test("runs where the function's role may do what Lambda does as it", async () => {
    const cloud = await drained(poll);
    expect(await drains(cloud)).toBe("greet");
    await send(cloud);
    await cloud.settled(20_000);
    expect(cloud.missing).toEqual([]);
  });

  test.for(poll)("does not run where the role lacks %s, and the start says why", async (lacking) => {
    const cloud = await drained(poll.filter((action) => action !== lacking));
    expect(await drains(cloud)).toBeUndefined();
    await send(cloud);
    expect(cloud.queues.look("orders").counts).toEqual({ ready: 1, inFlight: 0, delayed: 0 });
    expect(cloud.missing.map(({ logicalId, consequence }) => `${logicalId}: ${consequence}`)).toEqual([
      `Mapping: nothing is fed to greet: IAM refuses greet (role clerk) ${lacking} on ${QUEUE}: no identity-based policy allows it. ` +
        `Missing grant: {"Effect":"Allow","Action":"${lacking}","Resource":"${QUEUE}"}`,
    ]);
  });

  test("runs all the same where refusals are only reported", async () => {
    const cloud = await drained([], "report");
    expect(await drains(cloud)).toBe("greet");
    expect(notices(cloud)).toHaveLength(3);
  });
});
