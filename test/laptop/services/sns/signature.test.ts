import { createVerify, X509Certificate } from "node:crypto";
import { PublishCommand, SetTopicAttributesCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import * as v from "valibot";
import { expect, test } from "vitest";
import { bodiesIn, newsCloud, QUEUE, TOPIC } from "./sns-support.ts";

const SIGNED = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];

/** As sns/latest/dg/sns-verify-signature-of-message says. */
async function isSigned(body: string, algorithm: string): Promise<boolean> {
  const message = v.parse(v.record(v.string(), v.unknown()), JSON.parse(body));
  const certificate = new X509Certificate(await (await fetch(String(message["SigningCertURL"]))).text());
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const lines = SIGNED.filter((name) => name in message).map((name) => `${name}\n${String(message[name])}\n`);
  return createVerify(algorithm).update(lines.join("")).verify(certificate.publicKey, String(message["Signature"]), "base64");
}

test.each([
  ["1", "sha1"],
  ["2", "sha256"],
])("a notification of version %s is signed by the certificate that it names", async (version, algorithm) => {
  const { cloud, sns } = await newsCloud();
  await sns.send(
    new SetTopicAttributesCommand({ TopicArn: TOPIC, AttributeName: "SignatureVersion", AttributeValue: version }),
  );
  await sns.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol: "sqs", Endpoint: QUEUE }));
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "news", Subject: "today" }));
  const [body = "{}"] = bodiesIn(cloud, "readers");
  expect(JSON.parse(body)).toMatchObject({ SignatureVersion: version });
  expect(await isSigned(body, algorithm)).toBe(true);
  expect(await isSigned(body.replace('"news"', '"lies"'), algorithm)).toBe(false);
});

test("there is no other certificate", async () => {
  const { cloud } = await newsCloud();
  const answer = await fetch(`${cloud.endpoint}/_aws/sns/SimpleNotificationService-1.pem`);
  expect(answer.status).toBe(404);
});
