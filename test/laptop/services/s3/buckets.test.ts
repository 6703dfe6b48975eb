import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { clientConfig, runCloud, runResources, temporaryFolder, writeAssembly } from "../../../support/cloud-support.ts";

/** Without forcePathStyle: that the endpoint is an IP address must be enough, for a function has no other hint. */
function clientOf(cloud: { endpoint: string }): S3Client {
  return new S3Client(clientConfig(cloud));
}

test("a template's bucket takes objects, and keeps them across a restart", async () => {
  const persist = temporaryFolder();
  const Bucket = "scans";
  const assembly = writeAssembly({
    shop: { Resources: { Scans: { Type: "AWS::S3::Bucket", Properties: { BucketName: Bucket } } } },
  });
  const first = await runCloud({ assembly, persist });
  await clientOf(first).send(new PutObjectCommand({ Bucket, Key: "a/b c", Body: "kept" }));
  await first.stop();

  const second = await runCloud({ assembly, persist });
  const { Body } = await clientOf(second).send(new GetObjectCommand({ Bucket, Key: "a/b c" }));
  expect(await Body?.transformToString()).toBe("kept");
  expect(second.missing).toEqual([]);
});

test("a bucket without a name of its own gets one that S3 takes", async () => {
  const cloud = await runCloud({
    assembly: writeAssembly({
      "fanfare-dev-backbone": {
        Resources: {
          ClaimCheckBucketOfAllTopicsWithLargeEvents0DB5B4A1: { Type: "AWS::S3::Bucket" },
          Name: {
            Type: "AWS::SSM::Parameter",
            Properties: {
              Name: "/bucket",
              Type: "String",
              Value: { Ref: "ClaimCheckBucketOfAllTopicsWithLargeEvents0DB5B4A1" },
            },
          },
        },
      },
    }),
  });
  const { Parameter } = await new SSMClient(clientConfig(cloud)).send(new GetParameterCommand({ Name: "/bucket" }));
  const Bucket = Parameter?.Value ?? "";

  expect(Bucket).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  await clientOf(cloud).send(new PutObjectCommand({ Bucket, Key: "key", Body: "taken" }));
});

test.each([
  ["nothing at all", "", "text/plain"],
  ["what looks like a form", "a=1&a=2", "application/x-www-form-urlencoded"],
  ["what is said to be JSON", "{oops", "application/x-amz-json-1.0"],
])("an object of %s is kept as it is", async (_, Body, ContentType) => {
  const cloud = await runResources({ Scans: { Type: "AWS::S3::Bucket", Properties: { BucketName: "scans" } } });
  const client = clientOf(cloud);
  await client.send(new PutObjectCommand({ Bucket: "scans", Key: "key", Body, ContentType }));
  const kept = await client.send(new GetObjectCommand({ Bucket: "scans", Key: "key" }));
  expect(await kept.Body?.transformToString()).toBe(Body);
  expect(kept.ContentType).toBe(ContentType);
});

test("a bucket with versions is said to keep none", async () => {
  const Properties = { BucketName: "scans", VersioningConfiguration: { Status: "Enabled" } };
  const cloud = await runResources({ Scans: { Type: "AWS::S3::Bucket", Properties } });
  expect(cloud.missing).toMatchObject([
    { logicalId: "Scans", consequence: "its objects have no versions: what is overwritten or deleted is gone" },
  ]);
});
