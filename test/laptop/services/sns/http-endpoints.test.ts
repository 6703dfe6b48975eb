import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import * as v from "valibot";
import { isOnThisMachine } from "#lib/laptop/services/sns/subscriptions/endpoints.ts";
import { temporaryFolder } from "../../../support/cloud-support.ts";
import { bodiesIn, endpoint, newsCloud, QUEUE, TOPIC } from "./sns-support.ts";

const parse = (body: string) => v.parse(v.record(v.string(), v.string()), JSON.parse(body));

async function subscribe(sns: SNSClient, Endpoint: string, Attributes: Record<string, string> = {}): Promise<string> {
  const input = { TopicArn: TOPIC, Protocol: "http", Endpoint, Attributes, ReturnSubscriptionArn: true };
  return (await sns.send(new SubscribeCommand(input))).SubscriptionArn ?? "";
}

const isPending = async (sns: SNSClient, SubscriptionArn: string) =>
  (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes?.["PendingConfirmation"];

test("an endpoint confirms by the URL that it is sent, is delivered to, and is told how to take back its end", async () => {
  const { sns } = await newsCloud();
  const reader = await endpoint();
  const subscriptionArn = await subscribe(sns, reader.url);
  const asked = await reader.next();
  expect(asked.headers).toMatchObject({
    "x-amz-sns-message-type": "SubscriptionConfirmation",
    "x-amz-sns-topic-arn": TOPIC,
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
  });
  expect(await isPending(sns, subscriptionArn)).toBe("true");
  const { SubscribeURL = "" } = parse(asked.body);
  expect(await (await fetch(SubscribeURL)).text()).toContain(`<SubscriptionArn>${subscriptionArn}</SubscriptionArn>`);
  expect(await isPending(sns, subscriptionArn)).toBe("false");

  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news", Subject: "today" }));
  const told = await reader.next();
  expect(told.headers).toMatchObject({
    "x-amz-sns-message-type": "Notification",
    "x-amz-sns-subscription-arn": subscriptionArn,
  });
  const { UnsubscribeURL = "", ...notification } = parse(told.body);
  expect(notification).toMatchObject({ Type: "Notification", Message: "news", Subject: "today", TopicArn: TOPIC });

  expect(await (await fetch(UnsubscribeURL)).text()).toContain("UnsubscribeResponse");
  const ended = parse((await reader.next()).body);
  expect(ended).toMatchObject({
    Type: "UnsubscribeConfirmation",
    Message: expect.stringContaining(`You have chosen to deactivate subscription ${subscriptionArn}.`),
  });
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "missed" }));
  await fetch(ended["SubscribeURL"] ?? "");
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "back" }));
  expect(parse((await reader.next()).body)).toMatchObject({ Message: "back" });
});

test("nothing is delivered before the endpoint has confirmed, and no other token does", async () => {
  const { sns } = await newsCloud();
  const reader = await endpoint();
  await subscribe(sns, reader.url, { RawMessageDelivery: "true" });
  const { Token } = parse((await reader.next()).body);
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "too early" }));
  const confirm = (given: string | undefined) => sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token: given }));
  await expect(confirm("abc123")).rejects.toThrow("Invalid parameter: Token");
  await confirm(Token);
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "in time" }));
  expect(await reader.next()).toMatchObject({ body: "in time", headers: { "x-amz-sns-rawdelivery": "true" } });
});

test("the URLs do nothing but confirm and unsubscribe", async () => {
  const { cloud } = await newsCloud();
  const url = `${cloud.endpoint}/_aws/sns/?Action=DeleteTopic&TopicArn=${TOPIC}`;
  expect(await (await fetch(url)).text()).toContain("<Code>InvalidAction</Code>");
});

test("the content type is that of the delivery policy", async () => {
  const { sns } = await newsCloud();
  const reader = await endpoint();
  const policy = { http: { defaultRequestPolicy: { headerContentType: "application/json" } } };
  const input = { TopicArn: TOPIC, AttributeName: "DeliveryPolicy", AttributeValue: JSON.stringify(policy) };
  await sns.send(new SetTopicAttributesCommand(input));
  await subscribe(sns, reader.url);
  const { Token } = parse((await reader.next()).body);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token }));
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news" }));
  expect((await reader.next()).headers["content-type"]).toBe("application/json");
});

test("an endpoint that fails is tried three more times, and then the message is a dead letter", async () => {
  const { cloud, sns } = await newsCloud();
  const reader = await endpoint();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QUEUE.replace("readers", "lost") });
  await subscribe(sns, reader.url, { RawMessageDelivery: "true", RedrivePolicy });
  const { Token } = parse((await reader.next()).body);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token }));
  reader.status = 500;
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news" }));
  await reader.next();
  await expect(cloud.settled(1)).rejects.toThrow("by HTTP are on their way");
  for (let retry = 0; retry < 3; retry++) {
    expect(bodiesIn(cloud, "lost")).toEqual([]);
    const tried = reader.next();
    // The wait begins once the answer has arrived, so that one step of the clock may come too early.
    const steps = setInterval(() => cloud.clock.advance(20_000), 5);
    expect((await tried).body).toBe("news");
    clearInterval(steps);
  }
  await cloud.settled(5_000);
  expect(bodiesIn(cloud, "lost")).toEqual(["news"]);
});

test("what an endpoint refuses is a dead letter at once", async () => {
  const { cloud, sns } = await newsCloud();
  const reader = await endpoint();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QUEUE.replace("readers", "lost") });
  await subscribe(sns, reader.url, { RawMessageDelivery: "true", RedrivePolicy });
  const { Token } = parse((await reader.next()).body);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token }));
  reader.status = 403;
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news" }));
  await cloud.settled(5_000);
  expect(bodiesIn(cloud, "lost")).toEqual(["news"]);
});

test.each([
  ["http://localhost:1/", true],
  ["http://orders.localhost/", true],
  ["http://127.0.0.1:4566/lambda-url/x/", true],
  ["http://[::1]/", true],
  ["https://example.com/", false],
  ["http://127.0.0.1.example.com/", false],
  ["http://localhost.example.com/", false],
  ["http://10.0.0.1/", false],
])("%s is called: %s", (url, isCalled) => {
  expect(isOnThisMachine(url)).toBe(isCalled);
});

test("a subscription that is confirmed with AuthenticateOnUnsubscribe ends by a signed call alone", async () => {
  const persist = temporaryFolder();
  const { cloud, sns } = await newsCloud({ persist });
  const reader = await endpoint();
  const SubscriptionArn = await subscribe(sns, reader.url);
  const { SubscribeURL = "", Token = "" } = parse((await reader.next()).body);
  expect((await fetch(`${SubscribeURL}&AuthenticateOnUnsubscribe=true`)).status).toBe(403);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token, AuthenticateOnUnsubscribe: "true" }));
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news" }));
  const { UnsubscribeURL = "" } = parse((await reader.next()).body);
  expect((await fetch(UnsubscribeURL)).status).toBe(403);
  await cloud.stop();

  const second = await newsCloud({ persist });
  const unsubscribe = `${second.cloud.endpoint}${new URL(UnsubscribeURL).pathname}${new URL(UnsubscribeURL).search}`;
  expect((await fetch(unsubscribe)).status).toBe(403);
  expect(await isPending(second.sns, SubscriptionArn)).toBe("false");
  await second.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  await expect(isPending(second.sns, SubscriptionArn)).rejects.toMatchObject({ name: "NotFoundException" });
});
