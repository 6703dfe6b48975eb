import { describe, expect, test } from "vitest";
import { accessesOf } from "./accesses-of.ts";

/*
 * Which action on which resource a call needs: the service authorization reference's page of each service
 * (service-authorization/latest/reference).
 */

interface Request {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly operation?: string;
  readonly body?: string | object;
}

/** The accesses of a call, as `action resource`. */
function needed(api: string, { method = "POST", url = "/", headers = {}, operation = "", body = "" }: Request): string[] {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const accesses = accessesOf(api, { method, url, headers, operation, body: text });
  return accesses.map(({ action, resources }) => [action, ...resources].join(" ").replaceAll("us-east-1:000000000000", "here"));
}

const queue = { QueueUrl: "http://127.0.0.1:4566/000000000000/orders" };

test.for([
  ["SendMessage", queue, "sqs:SendMessage arn:aws:sqs:here:orders"],
  ["SendMessageBatch", queue, "sqs:SendMessage arn:aws:sqs:here:orders"],
  ["DeleteMessageBatch", queue, "sqs:DeleteMessage arn:aws:sqs:here:orders"],
  ["ChangeMessageVisibilityBatch", queue, "sqs:ChangeMessageVisibility arn:aws:sqs:here:orders"],
  ["GetQueueUrl", { QueueName: "orders" }, "sqs:GetQueueUrl arn:aws:sqs:here:orders"],
  ["StartMessageMoveTask", { SourceArn: "arn:aws:sqs:here:dlq" }, "sqs:StartMessageMoveTask arn:aws:sqs:here:dlq"],
  ["ListQueues", {}, "sqs:ListQueues *"],
] as const)("SQS %s", ([operation, body, expected]) => {
  expect(needed("sqs", { operation, body })).toEqual([expected]);
});

test("SQS in its Query protocol, by the form or by the queue's own URL", () => {
  const expected = ["sqs:SendMessage arn:aws:sqs:here:orders"];
  expect(needed("sqs", { body: `Action=SendMessage&MessageBody=m&QueueUrl=${encodeURIComponent(queue.QueueUrl)}` })).toEqual(
    expected,
  );
  expect(
    needed("sqs", {
      url: "/000000000000/orders",
      body: "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.MessageBody=m",
    }),
  ).toEqual(expected);
  expect(needed("sqs", { method: "GET", url: "/000000000000/orders?Action=SendMessage&MessageBody=m" })).toEqual(expected);
});

test.for([
  ["Action=Publish&TopicArn=arn:aws:sns:here:orders", "sns:Publish arn:aws:sns:here:orders"],
  ["Action=Publish&TargetArn=arn:aws:sns:here:orders", "sns:Publish arn:aws:sns:here:orders"],
  ["Action=PublishBatch&TopicArn=arn:aws:sns:here:orders", "sns:Publish arn:aws:sns:here:orders"],
  ["Action=Publish&PhoneNumber=%2B441", "sns:Publish *"],
  ["Action=Subscribe&TopicArn=arn:aws:sns:here:orders&Protocol=sqs", "sns:Subscribe arn:aws:sns:here:orders"],
  ["Action=Unsubscribe&SubscriptionArn=arn:aws:sns:here:orders:8e1f", "sns:Unsubscribe arn:aws:sns:here:orders"],
  ["Action=CreateTopic&Name=orders", "sns:CreateTopic arn:aws:sns:here:orders"],
  ["Action=ListTopics", "sns:ListTopics *"],
] as const)("SNS %s", ([body, expected]) => {
  expect(needed("sns", { body })).toEqual([expected]);
});

describe("S3", () => {
  const host = { host: "127.0.0.1:4566" };
  const shop = "arn:aws:s3:::shop";

  test.for([
    ["GET", "/", host, ["s3:ListAllMyBuckets *"]],
    ["GET", "/shop/a/b%20c", host, [`s3:GetObject ${shop}/a/b c`]],
    ["HEAD", "/shop/a", host, [`s3:GetObject ${shop}/a`]],
    ["GET", "/a?x-id=GetObject", { host: "shop.s3.localhost:4566" }, [`s3:GetObject ${shop}/a`]],
    ["GET", "/a", { host: "shop.localhost:4566" }, [`s3:GetObject ${shop}/a`]],
    ["PUT", "/shop/a?x-id=PutObject", host, [`s3:PutObject ${shop}/a`]],
    ["PUT", "/shop/a?partNumber=1&uploadId=7", host, [`s3:PutObject ${shop}/a`]],
    ["POST", "/shop/a?uploads", host, [`s3:PutObject ${shop}/a`]],
    ["DELETE", "/shop/a?uploadId=7", host, [`s3:AbortMultipartUpload ${shop}/a`]],
    ["DELETE", "/shop/a", host, [`s3:DeleteObject ${shop}/a`]],
    ["GET", "/shop/a?versionId=7", host, [`s3:GetObjectVersion ${shop}/a`]],
    ["GET", "/shop/a?tagging", host, [`s3:GetObjectTagging ${shop}/a`]],
    ["GET", "/shop?list-type=2&prefix=a", host, [`s3:ListBucket ${shop}`]],
    ["HEAD", "/shop", host, [`s3:ListBucket ${shop}`]],
    ["PUT", "/shop", host, [`s3:CreateBucket ${shop}`]],
    ["DELETE", "/shop?lifecycle", host, [`s3:PutLifecycleConfiguration ${shop}`]],
    [
      "PUT",
      "/shop/b",
      { ...host, "x-amz-copy-source": "/other/a%2Fb" },
      [`s3:PutObject ${shop}/b`, "s3:GetObject arn:aws:s3:::other/a/b"],
    ],
  ] as const)("%s %s", ([method, url, headers, expected]) => {
    expect(needed("s3", { method, url, headers })).toEqual(expected);
  });

  test("objects that are deleted together are allowed one by one", () => {
    const body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
    expect(needed("s3", { url: "/shop?delete", headers: host, body })).toEqual([
      `s3:DeleteObject ${shop}/a`,
      `s3:DeleteObject ${shop}/b`,
    ]);
  });
});

test.for([
  ["GetParameter", { Name: "/shop/url" }, ["ssm:GetParameter arn:aws:ssm:here:parameter/shop/url"]],
  ["GetParameter", { Name: "plain:3" }, ["ssm:GetParameter arn:aws:ssm:here:parameter/plain"]],
  [
    "GetParameters",
    { Names: ["/a", "/b"] },
    ["ssm:GetParameters arn:aws:ssm:here:parameter/a", "ssm:GetParameters arn:aws:ssm:here:parameter/b"],
  ],
  ["GetParametersByPath", { Path: "/shop/" }, ["ssm:GetParametersByPath arn:aws:ssm:here:parameter/shop/"]],
  ["DescribeParameters", {}, ["ssm:DescribeParameters *"]],
] as const)("SSM %s %j", ([operation, body, expected]) => {
  expect(needed("ssm", { operation, body })).toEqual(expected);
});

test("SES: on the address, its domain or one above it; a raw message by an action of its own", () => {
  const mail = (Content: object) => ({
    url: "/v2/email/outbound-emails",
    body: { FromEmailAddress: "Shop <a@eu.shop.example>", Content },
  });
  const identities = ["a@eu.shop.example", "eu.shop.example", "shop.example", "example"].map(
    (it) => `arn:aws:ses:here:identity/${it}`,
  );
  expect(needed("ses", mail({ Simple: {} }))).toEqual([`ses:SendEmail ${identities.join(" ")}`]);
  expect(needed("ses", mail({ Raw: {} }))).toEqual([`ses:SendRawEmail ${identities.join(" ")}`]);
});

test.for([
  ["POST", "/2015-03-31/functions/orders/invocations", ["lambda:InvokeFunction arn:aws:lambda:here:function:orders"]],
  [
    "POST",
    "/2015-03-31/functions/orders/invocations?Qualifier=live",
    ["lambda:InvokeFunction arn:aws:lambda:here:function:orders:live"],
  ],
  [
    "POST",
    "/2015-03-31/functions/orders%3Alive/invocations",
    ["lambda:InvokeFunction arn:aws:lambda:here:function:orders:live"],
  ],
  ["GET", "/2015-03-31/functions/orders", ["lambda:GetFunction arn:aws:lambda:here:function:orders"]],
  [
    "GET",
    "/2015-03-31/functions/orders/configuration",
    ["lambda:GetFunctionConfiguration arn:aws:lambda:here:function:orders"],
  ],
  ["GET", "/2015-03-31/functions/", ["lambda:ListFunctions *"]],
] as const)("Lambda %s %s", ([method, url, expected]) => {
  expect(needed("lambda", { method, url })).toEqual(expected);
});

test("an API that is not served needs nothing: it answers for itself", () => {
  expect(needed("sts", { body: "Action=GetCallerIdentity" })).toEqual([]);
});
