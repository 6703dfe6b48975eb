import { request } from "node:http";
import {
  CopyObjectCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { clientConfig, runCloud, runResources, temporaryFolder, writeAssembly } from "../../../support/cloud-support.ts";
import { role } from "../../iam/templates.ts";

const PAPERS = "arn:aws:s3:::papers";

interface Plain {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
}

/** A bucket, the administrator's client, and one of a role that may do what the statements say. */
async function papers(...statements: object[]) {
  const bucket = (BucketName: string) => ({ Type: "AWS::S3::Bucket", Properties: { BucketName } });
  const cloud = await runResources({ Papers: bucket("papers"), Bank: bucket("bank"), Clerk: role("clerk", ...statements) });
  const config = { ...clientConfig(cloud), forcePathStyle: true, maxAttempts: 1 };
  const credentials = cloud.iam.credentialsOf("clerk");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20261120/us-east-1/s3/aws4_request`;
  return {
    cloud,
    admin: new S3Client(config),
    clerk: new S3Client({ ...config, credentials }),
    /** A request as the role that no SDK would send. */
    plainly: (path: string, { headers, ...init }: Plain = {}) =>
      fetch(`${cloud.endpoint}${path}`, { ...init, headers: { authorization, ...headers } }),
  };
}

function allow(Action: string | string[], Resource: string): object {
  return { Effect: "Allow", Action, Resource };
}

const Bucket = "papers";

test("a bucket's policy that is put counts until it is deleted, and is given back", async () => {
  const { cloud, admin, clerk } = await papers();
  await admin.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
  const get = () => clerk.send(new GetObjectCommand({ Bucket, Key: "a" }));
  await expect(get()).rejects.toThrow("not authorized to perform: s3:GetObject");
  const statement = { ...allow("s3:GetObject", `${PAPERS}/*`), Principal: { AWS: "arn:aws:iam::000000000000:role/clerk" } };
  const document = { Version: "2012-10-17", Statement: [statement] };
  await admin.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(document) }));
  expect((await get()).ContentLength).toBe(1);
  const { Policy = "" } = await admin.send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy)).toEqual(document);
  expect(cloud.iam.accesses.find(({ action }) => action === "s3:GetObject")?.allowed).toBe(true);
  await admin.send(new DeleteBucketPolicyCommand({ Bucket }));
  await expect(get()).rejects.toThrow("not authorized");
  await expect(admin.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
});

test.for([
  ["papers", "{", "MalformedPolicy"],
  ["papers", '{"Statement":{"Effect":"Permit"}}', "MalformedPolicy"],
  ["nowhere", "{}", "NoSuchBucket"],
] as const)("a policy of %s that reads %s is refused: %s", async ([name, Policy, code]) => {
  const { admin } = await papers();
  await expect(admin.send(new PutBucketPolicyCommand({ Bucket: name, Policy }))).rejects.toMatchObject({ name: code });
});

test("a sub-resource that is not served is not taken for the object itself", async () => {
  const { admin, clerk } = await papers(allow(["s3:DeleteObjectTagging", "s3:PutObjectAcl"], `${PAPERS}/*`));
  await admin.send(new PutObjectCommand({ Bucket, Key: "a", Body: "kept" }));
  const refused = { name: "NotImplemented", $metadata: { httpStatusCode: 501 } };
  await expect(clerk.send(new DeleteObjectTaggingCommand({ Bucket, Key: "a" }))).rejects.toMatchObject(refused);
  await expect(clerk.send(new PutObjectAclCommand({ Bucket, Key: "a", ACL: "private" }))).rejects.toMatchObject(refused);
  const { Body } = await admin.send(new GetObjectCommand({ Bucket, Key: "a" }));
  expect(await Body?.transformToString()).toBe("kept");
});

test("what is decided on is what is done, however a request is written", async () => {
  const { admin, clerk, plainly } = await papers(allow(["s3:*"], `${PAPERS}/in/*`));
  await admin.send(new PutObjectCommand({ Bucket: "bank", Key: "secret", Body: "x" }));
  const statuses = await Promise.all([
    plainly("/papers/in/..%2F../bank/secret"),
    plainly("/papers/in/a%2F..%2F..%2F../bank/secret", { headers: { host: "bank.s3.localhost" } }),
    plainly("/bank/secret"),
    plainly("/papers/in/a", { method: "PUT", headers: { "x-amz-copy-source": "/bank/secret" } }),
    plainly("/papers/out?uploadId=", { method: "DELETE" }),
    plainly("/papers", { method: "POST", body: "<Delete><Object><Key>in/1</Key></Object></Delete>" }),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([400, 400, 403, 403, 403, 403]);
  await clerk.send(new PutObjectCommand({ Bucket, Key: "in/a b&c", Body: "x" }));
  await clerk.send(new CopyObjectCommand({ Bucket, Key: "in/2", CopySource: "papers/in/a%20b%26c" }));
  await clerk.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "in/a b&c" }] } }));
  const { Contents = [] } = await admin.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents.map(({ Key }) => Key)).toEqual(["in/2"]);
});

test("a form is its signer's, who stands in a field of it", async () => {
  const { cloud } = await papers(allow("s3:PutObject", `${PAPERS}/in/*`));
  const { accessKeyId } = cloud.iam.credentialsOf("clerk");
  const upload = (key: string): Promise<number | undefined> => {
    const fields = { key, "X-Amz-Credential": `${accessKeyId}/20261120/us-east-1/s3/aws4_request`, file: "meow" };
    const parts = Object.entries(fields).map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    // A browser finds the bucket's host on loopback; this machine's resolver need not.
    const headers = { host: "papers.s3.localhost", "content-type": "multipart/form-data; boundary=x" };
    return new Promise((resolve, reject) => {
      const sent = request(cloud.endpoint, { method: "POST", headers }, (answer) => resolve(answer.resume().statusCode));
      sent.on("error", reject).end(`${parts.join("")}--x--\r\n`);
    });
  };
  expect([await upload("out/1"), await upload("in/1")]).toEqual([403, 204]);
});

test("a form uploads where its key may be written, and nowhere else", async () => {
  const { admin, plainly } = await papers(allow("s3:PutObject", `${PAPERS}/in/*`));
  const upload = async (key: string): Promise<number> => {
    const body = new FormData();
    body.append("key", key);
    body.append("Content-Type", "text/plain");
    body.append("file", new Blob(["meow"]), "cat.txt");
    return (await plainly("/papers", { method: "POST", body })).status;
  };
  expect(await upload("out/${filename}")).toBe(403);
  expect(await upload("in/${filename}")).toBe(204);
  const { Body, ContentType } = await admin.send(new GetObjectCommand({ Bucket, Key: "in/cat.txt" }));
  expect([await Body?.transformToString(), ContentType]).toEqual(["meow", "text/plain"]);
});

test("a policy that was put is there after a restart, as its bucket is, until it is deleted", async () => {
  const Resources = { Papers: { Type: "AWS::S3::Bucket", Properties: { BucketName: Bucket } } };
  const options = { assembly: writeAssembly({ shop: { Resources } }), persist: temporaryFolder() };
  const client = (cloud: { endpoint: string }) => new S3Client(clientConfig(cloud));
  const Statement = [{ Effect: "Deny", Principal: "*", Action: "s3:GetObject", Resource: `${PAPERS}/*` }];
  const document = { Version: "2012-10-17", Statement };

  const first = await runCloud(options);
  await client(first).send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(document) }));
  await first.stop();
  const second = await runCloud(options);
  const { Policy = "" } = await client(second).send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy)).toEqual(document);
  await expect(client(second).send(new GetObjectCommand({ Bucket, Key: "a" }))).rejects.toThrow("explicit deny");
  await client(second).send(new DeleteBucketPolicyCommand({ Bucket }));
  await second.stop();
  const third = await runCloud(options);
  await expect(client(third).send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
    name: "NoSuchBucketPolicy",
  });
});
