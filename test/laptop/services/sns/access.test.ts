import {
  AddPermissionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { describe, expect, test } from "vitest";
import { clientConfig } from "../../../support/cloud-support.ts";
import { newsCloud, TOPIC } from "./sns-support.ts";

describe("the policy of a topic", () => {
  const deny = JSON.stringify({
    Statement: [{ Sid: "closed", Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: TOPIC }],
  });
  const publish = new PublishCommand({ TopicArn: TOPIC, Message: "news" });

  test("that a call sets counts as a template's does, until it is gone", async () => {
    const { sns } = await newsCloud();
    const set = (AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn: TOPIC, AttributeName: "Policy", AttributeValue }));
    await set(deny);
    await expect(sns.send(publish)).rejects.toMatchObject({ name: "AuthorizationErrorException" });
    await sns.send(new RemovePermissionCommand({ TopicArn: TOPIC, Label: "closed" }));
    await sns.send(publish);
    await set(deny);
    await sns.send(new DeleteTopicCommand({ TopicArn: TOPIC }));
    await sns.send(new CreateTopicCommand({ Name: "news" }));
    await sns.send(publish);
  });

  test("that cannot be read is refused, and the one before stays", async () => {
    const { sns } = await newsCloud();
    const input = { TopicArn: TOPIC, AttributeName: "Policy" };
    const before = await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    for (const AttributeValue of ["{", '{"Statement":[{"Effect":"Perhaps","Principal":"*","Action":"sns:*","Resource":"*"}]}'])
      await expect(sns.send(new SetTopicAttributesCommand({ ...input, AttributeValue }))).rejects.toThrow("Policy Error");
    expect((await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }))).Attributes).toEqual(before.Attributes);
  });

  test("grows by AddPermission", async () => {
    const { sns } = await newsCloud();
    const permission = { TopicArn: TOPIC, Label: "friend", AWSAccountId: ["111122223333"], ActionName: ["Publish"] };
    await sns.send(new AddPermissionCommand(permission));
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    expect(JSON.parse(Attributes?.["Policy"] ?? "{}")).toMatchObject({
      Statement: [
        { Sid: "__default_statement_ID" },
        {
          Sid: "friend",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111122223333:root" },
          Action: "SNS:Publish",
          Resource: TOPIC,
        },
      ],
    });
    await expect(sns.send(new AddPermissionCommand(permission))).rejects.toThrow("Statement already exists");
  });
});

test("a call that is signed for another service than SNS is not carried out", async () => {
  const { cloud, sns } = await newsCloud();
  const body = new URLSearchParams({ Action: "DeleteTopic", Version: "2010-03-31", TopicArn: TOPIC });
  const authorization =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=00";
  const answer = await fetch(cloud.endpoint, { method: "POST", headers: { authorization }, body });
  expect(answer.status).toBe(400);
  expect(await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }))).toBeTruthy();
});

test("each region has topics of its own", async () => {
  const { cloud, sns } = await newsCloud();
  const west = new SNSClient({ ...clientConfig(cloud), region: "us-west-1" });
  const { TopicArn } = await west.send(new CreateTopicCommand({ Name: "news" }));
  expect(TopicArn).toBe(TOPIC.replace("us-east-1", "us-west-1"));
  await expect(west.send(new PublishCommand({ TopicArn: TOPIC, Message: "x" }))).rejects.toThrow("Invalid parameter: TopicArn");
  await expect(sns.send(new PublishCommand({ TopicArn, Message: "x" }))).rejects.toThrow("Invalid parameter: TopicArn");
});
