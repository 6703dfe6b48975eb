import { once } from "node:events";
import { request } from "node:http";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import { clientConfig, runResources } from "../../support/cloud-support.ts";

const resources = {
  Images: { Type: "AWS::S3::Bucket", Properties: { BucketName: "images" } },
  Orders: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } },
};

test("the cloud has not settled while an object is on its way", async () => {
  const cloud = await runResources(resources);
  const settled = (milliseconds: number) => cloud.settled(milliseconds).then(() => "settled", String);
  const headers = {
    "content-length": "8",
    authorization: "AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/s3/aws4_request",
  };
  const put = request(`${cloud.endpoint}/images/large`, { method: "PUT", headers });
  const answered = once(put, "response");
  put.write("half");
  await expect.poll(() => settled(1)).toContain("1 calls are on their way");

  put.end("half");
  const [response] = await answered;
  expect(response).toMatchObject({ statusCode: 200 });
  expect(await settled(10_000)).toBe("settled");
});

test("a connection that sends half a body and no more keeps nobody from finding the cloud settled", async () => {
  const cloud = await runResources(resources);
  const headers = {
    "content-length": "8",
    authorization: "AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/s3/aws4_request",
  };
  const put = request(`${cloud.endpoint}/images/half`, { method: "PUT", headers });
  onTestFinished(() => void put.destroy());
  put.on("error", () => {});
  put.write("half");
  await expect.poll(() => cloud.settled(1).then(() => "settled", String)).toContain("1 calls are on their way");

  await expect(cloud.settled(10_000)).resolves.toBeUndefined();
});

test("a long poll keeps nobody from finding the cloud settled", async () => {
  const cloud = await runResources(resources);
  const client = new SQSClient(clientConfig(cloud));
  const hangUp = new AbortController();
  onTestFinished(() => hangUp.abort());
  const QueueUrl = `${cloud.endpoint}/000000000000/orders`;
  const polled = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: hangUp.signal });
  polled.catch(() => {});

  await expect(cloud.settled(5_000)).resolves.toBeUndefined();
});
