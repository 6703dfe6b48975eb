import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import type { IamMode } from "#lib/laptop/index.ts";
import { codeFolder, lambda, runResources, temporaryFolder, writeAssembly } from "../../support/cloud-support.ts";
import { role } from "./templates.ts";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders";

/** A queue, and a function that may not send to it. */
function shop(statements: readonly object[] = []) {
  const code = codeFolder("export const handler = () => {}");
  return writeAssembly(
    {
      shop: {
        Resources: {
          Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } },
          Clerk: role("clerk", ...statements),
          Function: lambda("greet", "code", {}, { "Fn::GetAtt": ["Clerk", "Arn"] }),
        },
      },
    },
    { code },
    temporaryFolder(),
  );
}

async function runShop(iam?: IamMode, statements?: readonly object[]): Promise<Cloud> {
  const cloud = await startCloud({ assembly: shop(statements), port: 0, ...(iam && { iam }) });
  onTestFinished(() => cloud.stop());
  return cloud;
}

/** Sends three messages as the function; tells the errors' names. */
async function sendThrice(cloud: Cloud): Promise<string[]> {
  const sqs = new SQSClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: cloud.iam.credentialsOf("greet"),
    maxAttempts: 1,
  });
  const send = new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/orders`, MessageBody: "m" });
  const results = await Promise.allSettled([1, 2, 3].map(() => sqs.send(send)));
  return results.flatMap((result) =>
    result.status === "rejected" && result.reason instanceof Error ? [result.reason.name] : [],
  );
}

function notices(cloud: Cloud): string[] {
  return cloud.activity.recent().flatMap((activity) => (activity.kind === "notice" ? [activity.line] : []));
}

const GRANT = `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"${QUEUE}"}`;
const WHAT = `greet (role clerk) sqs:SendMessage on ${QUEUE}: no identity-based policy allows it. Missing grant: ${GRANT}`;

test("a refused call does nothing, and is told of once, with the statement that would allow it", async () => {
  const cloud = await runShop();
  expect(await sendThrice(cloud)).toEqual(["AccessDenied", "AccessDenied", "AccessDenied"]);
  expect(cloud.queues.look("orders").counts.ready).toBe(0);
  expect(notices(cloud)).toEqual([`IAM refuses ${WHAT}`]);
});

test("the statement that it names is what was missing", async () => {
  const cloud = await runShop("enforce", [JSON.parse(GRANT)]);
  expect(await sendThrice(cloud)).toEqual([]);
  expect(cloud.queues.look("orders").counts.ready).toBe(3);
  expect(notices(cloud)).toEqual([]);
});

test("report lets a call through that would be refused, and tells of it once", async () => {
  const cloud = await runShop("report");
  expect(await sendThrice(cloud)).toEqual([]);
  expect(cloud.queues.look("orders").counts.ready).toBe(3);
  expect(notices(cloud)).toEqual([`IAM would refuse ${WHAT}`]);
});

test("off lets every call through, and says nothing", async () => {
  const cloud = await runShop("off");
  expect(await sendThrice(cloud)).toEqual([]);
  expect(notices(cloud)).toEqual([]);
  expect(cloud.iam.accesses).toEqual([]);
});

test("a policy with a condition operator that IAM does not have stops the start, in one line that names the statement", async () => {
  const statement = {
    Sid: "Typo",
    Effect: "Allow",
    Action: "sqs:*",
    Resource: "*",
    Condition: { StringEqauls: { "aws:SourceArn": "x" } },
  };
  await expect(runResources({ Clerk: role("clerk", statement) })).rejects.toThrow(
    "The statement 1 (Typo) of Clerk in stack shop has the condition operator StringEqauls, which IAM does not have: expected one of ArnEquals,",
  );
});

test("what of a policy is not known here is listed at the start", async () => {
  const condition = { Condition: { StringEquals: { "aws:SourceVpce": "vpce-1", "aws:UserAgent": "shop" } } };
  const cloud = await runResources({
    Clerk: role("clerk", { Effect: "Allow", Action: "sqs:*", Resource: "*", ...condition }),
    Guest: {
      Type: "AWS::IAM::Role",
      Properties: { RoleName: "guest", ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonBraketFullAccess"] },
    },
  });
  expect(cloud.missing.map(({ logicalId, consequence }) => `${logicalId}: ${consequence}`)).toEqual([
    "Clerk: the statement 1 of Clerk in stack shop asks for aws:sourcevpce, which no call here has",
    "Clerk: the statement 1 of Clerk in stack shop asks for aws:useragent, which is not known here: it denies, and does not allow",
    "Guest: the policy arn:aws:iam::aws:policy/AmazonBraketFullAccess is not known here: what it alone allows is refused",
  ]);
});

test("credentials of nobody are not to be had", async () => {
  const cloud = await runShop();
  expect(() => cloud.iam.credentialsOf("nobody")).toThrow("There is no function or role nobody. There are: ");
});

test("a decision on what changes from call to call is made anew for each", async () => {
  const conditions = [
    { Action: "s3:ListBucket", Resource: "arn:aws:s3:::papers", Condition: { StringEquals: { "s3:prefix": "in/" } } },
    { Action: "s3:GetObjectVersion", Resource: "arn:aws:s3:::papers/${s3:VersionId}" },
  ];
  const cloud = await runResources({
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "papers" } },
    Clerk: role("clerk", ...conditions.map((statement) => ({ Effect: "Allow", ...statement }))),
  });
  const { accessKeyId } = cloud.iam.credentialsOf("clerk");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/s3/aws4_request`;
  const statusOf = async (path: string) =>
    (await fetch(`${cloud.endpoint}/papers${path}`, { headers: { authorization } })).status;
  expect([await statusOf("?prefix=in/"), await statusOf("?prefix=out/"), await statusOf("?prefix=in/")]).toEqual([
    200, 403, 200,
  ]);
  // No such object: the call was let through.
  expect([await statusOf("/a?versionId=a"), await statusOf("/a?versionId=b"), await statusOf("/a?versionId=a")]).toEqual([
    404, 403, 404,
  ]);
});
