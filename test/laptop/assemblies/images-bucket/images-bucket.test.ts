import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { clientConfig } from "../../../support/cloud-support.ts";
import { runApp } from "../run-app.ts";
import { imagesBucket } from "./app.ts";

test("an uploaded image becomes a thumbnail and an entry in the index, and its removal is told", async () => {
  const cloud = await runApp(imagesBucket);
  const s3 = new S3Client({ ...clientConfig(cloud), forcePathStyle: true });
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: "shop-images", Key, Body: "pixels" }));
  await put("uploads/red shoes.png");
  await put("uploads/notes.txt");
  await put("elsewhere/hat.png");
  await cloud.settled(20_000);

  const [index = { name: "" }] = (await cloud.status()).tables;
  const { Items } = await new DynamoDBClient(clientConfig(cloud)).send(new ScanCommand({ TableName: index.name }));
  expect(Items).toEqual([{ name: { S: "thumbnails/red+shoes.png" }, size: { N: "6" }, bucket: { S: "shop-images" } }]);

  await s3.send(new DeleteObjectCommand({ Bucket: "shop-images", Key: "uploads/red shoes.png" }));
  await cloud.settled(10_000);
  const removals = cloud.queues.look("removed").messages.map(({ body }): unknown => JSON.parse(body));
  expect(removals).toMatchObject([
    { Records: [{ eventName: "ObjectRemoved:Delete", s3: { object: { key: "uploads/red+shoes.png" } } }] },
  ]);
});

test("what does not run here is listed with what will be missing, and the CDK's own functions are not", async () => {
  const { missing } = await runApp(imagesBucket);
  const rows = missing.map(({ type, consequence }) => `${type}: ${consequence}`);
  expect(rows).toContain("AWS::Events::Rule: nothing is started by its events or schedule");
  expect(rows).toContain("AWS::ApiGateway::RestApi: there is no HTTP endpoint");
  expect(rows.filter((row) => /^(Custom|AWS::Lambda|AWS::S3|AWS::SNS|AWS::SQS|AWS::DynamoDB)::/.test(row))).toEqual([]);
});
