import {
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import { temporaryFolder, runCloud, writeAssembly } from "../../../support/cloud-support.ts";
import { bodiesIn, newsCloud, QUEUE, TOPIC } from "./sns-support.ts";

async function subscribe(sns: SNSClient, Attributes: Record<string, string> = {}): Promise<string> {
  const input = { TopicArn: TOPIC, Protocol: "sqs", Endpoint: QUEUE, Attributes };
  return (await sns.send(new SubscribeCommand(input))).SubscriptionArn ?? "";
}

const attributesOf = async (sns: SNSClient, SubscriptionArn: string) =>
  (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;

test("a subscription by a call delivers, shows all its attributes, and ends", async () => {
  const { cloud, sns } = await newsCloud();
  const SubscriptionArn = await subscribe(sns, { RawMessageDelivery: "TrUe" });
  expect(await attributesOf(sns, SubscriptionArn)).toEqual({
    ConfirmationWasAuthenticated: "true",
    Endpoint: QUEUE,
    Owner: "000000000000",
    PendingConfirmation: "false",
    Protocol: "sqs",
    RawMessageDelivery: "true",
    SubscriptionArn,
    SubscriptionPrincipal: "arn:aws:iam::000000000000:user/administrator",
    TopicArn: TOPIC,
  });
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "one" }));
  await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "two" }));
  expect(bodiesIn(cloud, "readers")).toEqual(["one"]);
  await expect(attributesOf(sns, SubscriptionArn)).rejects.toMatchObject({ name: "NotFoundException" });
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
  expect(Attributes).toMatchObject({ SubscriptionsConfirmed: "0", SubscriptionsDeleted: "1", SubscriptionsPending: "0" });
});

test("to subscribe again is the same subscription, unless an attribute differs", async () => {
  const { sns } = await newsCloud();
  const first = await subscribe(sns, { RawMessageDelivery: "true" });
  expect(await subscribe(sns)).toBe(first);
  expect(await subscribe(sns, { FilterPolicyScope: "MessageAttributes" })).toBe(first);
  await expect(subscribe(sns, { RawMessageDelivery: "false" })).rejects.toThrow(
    "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
  );
});

test("an e-mail address is asked nothing, waits for ever, and is delivered nothing", async () => {
  const { cloud, sns } = await newsCloud();
  const input = { TopicArn: TOPIC, Protocol: "email", Endpoint: "reader@example.com" };
  expect(await sns.send(new SubscribeCommand(input))).toMatchObject({ SubscriptionArn: "pending confirmation" });
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news" }));
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC }));
  expect(Subscriptions).toMatchObject([{ SubscriptionArn: "PendingConfirmation", Endpoint: "reader@example.com" }]);
  expect(cloud.mailbox.sent).toBe(0);
});

test.each([
  [{ Protocol: "pigeon", Endpoint: "x" }, "Amazon SNS does not support this protocol string: pigeon"],
  [{ Protocol: "sqs", Endpoint: "http://127.0.0.1/000000000000/readers" }, "Invalid parameter: SQS endpoint ARN"],
  [{ Protocol: "sqs", Endpoint: `${QUEUE}.fifo` }, "FIFO SQS Queues can not be subscribed to standard SNS topics"],
  [{ Protocol: "https", Endpoint: "http://localhost/" }, "Endpoint must match the specified protocol"],
  [{ Protocol: "sms", Endpoint: "+15--551234567" }, "Invalid SMS endpoint: +15--551234567"],
])("%j is refused as AWS does", async (given, reason) => {
  const { sns } = await newsCloud();
  await expect(sns.send(new SubscribeCommand({ TopicArn: TOPIC, ...given }))).rejects.toThrow(reason);
});

test.each([
  ["Colour", "blue", "Invalid parameter: AttributeName"],
  ["RawMessageDelivery", "yes", "Invalid parameter: RawMessageDelivery: Invalid value [yes]. Must be true or false."],
  ["RedrivePolicy", '{"deadLetterTargetArn":"there"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"],
  [
    "RedrivePolicy",
    "{nothing}",
    "RedrivePolicy: failed to parse JSON. Unexpected character ('n' (code 110)): was expecting double-quote to start field name",
  ],
  ["FilterPolicyScope", "Envelope", "Please use either MessageBody or MessageAttributes"],
])("to set %s to %s is refused as AWS does", async (AttributeName, AttributeValue, reason) => {
  const { sns } = await newsCloud();
  const SubscriptionArn = await subscribe(sns);
  const input = { SubscriptionArn, AttributeName, AttributeValue };
  await expect(sns.send(new SetSubscriptionAttributesCommand(input))).rejects.toThrow(reason);
});

test("what cannot be delivered goes to the subscription's own dead-letter queue, and the subscription stays", async () => {
  const { cloud, sns } = await newsCloud();
  const gone = { TopicArn: TOPIC, Protocol: "sqs", Endpoint: `${QUEUE}-that-never-were` };
  const deadLetterTargetArn = QUEUE.replace("readers", "lost");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn });
  await sns.send(new SubscribeCommand({ ...gone, Attributes: { RedrivePolicy, RawMessageDelivery: "true" } }));
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "lost" }));
  expect(bodiesIn(cloud, "lost")).toEqual(["lost"]);
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC }));
  expect(Subscriptions).toHaveLength(1);
});

test("subscriptions of calls outlive a restart, and end with their topic", async () => {
  const persist = temporaryFolder();
  const { cloud, sns } = await newsCloud({ persist });
  const SubscriptionArn = await subscribe(sns, { RawMessageDelivery: "true" });
  await cloud.stop();

  const second = await newsCloud({ persist });
  expect(await attributesOf(second.sns, SubscriptionArn)).toMatchObject({ RawMessageDelivery: "true", Endpoint: QUEUE });
  await second.sns.send(new DeleteTopicCommand({ TopicArn: TOPIC }));
  await expect(attributesOf(second.sns, SubscriptionArn)).rejects.toMatchObject({ name: "NotFoundException" });
});

test("a template that SNS would refuse is refused in one line", async () => {
  const Properties = { TopicArn: { Ref: "News" }, Protocol: "sqs", Endpoint: QUEUE, FilterPolicy: { type: "news" } };
  const Resources = {
    News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
    Reads: { Type: "AWS::SNS::Subscription", Properties },
  };
  await expect(runCloud({ assembly: writeAssembly({ shop: { Resources } }) })).rejects.toThrow(
    'Reads in stack shop: Invalid parameter: Attributes Reason: FilterPolicy: "type" must be an object or an array',
  );
});
