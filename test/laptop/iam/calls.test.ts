import { expect, test } from "vitest";
import { access } from "#lib/laptop/iam/access.ts";
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
  ["ListMessageMoveTasks", { SourceArn: "arn:aws:sqs:here:dlq" }, "sqs:ListMessageMoveTasks arn:aws:sqs:here:dlq"],
  ["ListQueues", {}, "sqs:ListQueues *"],
] as const)("SQS %s", ([operation, body, expected]) => {
  expect(needed("sqs", { operation, body })).toEqual([expected]);
});

test("SQS: a move of messages needs what moving them takes, and tags at creation their own right", () => {
  const move = { SourceArn: "arn:aws:sqs:here:dlq", DestinationArn: "arn:aws:sqs:here:orders" };
  expect(needed("sqs", { operation: "StartMessageMoveTask", body: move })).toEqual([
    "sqs:StartMessageMoveTask arn:aws:sqs:here:dlq",
    "sqs:ReceiveMessage arn:aws:sqs:here:dlq",
    "sqs:DeleteMessage arn:aws:sqs:here:dlq",
    "sqs:GetQueueAttributes arn:aws:sqs:here:dlq",
    "sqs:SendMessage arn:aws:sqs:here:orders",
  ]);
  expect(needed("sqs", { operation: "CreateQueue", body: { QueueName: "orders", tags: { team: "blue" } } })).toEqual([
    "sqs:CreateQueue arn:aws:sqs:here:orders",
    "sqs:TagQueue arn:aws:sqs:here:orders",
  ]);
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

test.for([
  ["GetParameter", { Name: "/shop/url" }, ["ssm:GetParameter arn:aws:ssm:here:parameter/shop/url"]],
  ["GetParameter", { Name: "plain:3" }, ["ssm:GetParameter arn:aws:ssm:here:parameter/plain"]],
  ["GetParameter", { Name: "/shop/url:live" }, ["ssm:GetParameter arn:aws:ssm:here:parameter/shop/url"]],
  [
    "GetParameter",
    { Name: "arn:aws:ssm:us-east-1:000000000000:parameter/shop/url:3" },
    ["ssm:GetParameter arn:aws:ssm:here:parameter/shop/url"],
  ],
  [
    "GetParameter",
    { Name: "arn:aws:ssm:eu-west-1:111111111111:parameter/plain" },
    ["ssm:GetParameter arn:aws:ssm:here:parameter/plain"],
  ],
  ["GetParameterHistory", { Name: "/shop/url" }, ["ssm:GetParameterHistory arn:aws:ssm:here:parameter/shop/url"]],
  ["PutParameter", { Name: "/shop/url", Value: "x" }, ["ssm:PutParameter arn:aws:ssm:here:parameter/shop/url"]],
  [
    "PutParameter",
    { Name: "/shop/url", Value: "x", Tags: [{ Key: "team", Value: "shop" }] },
    ["ssm:PutParameter arn:aws:ssm:here:parameter/shop/url", "ssm:AddTagsToResource arn:aws:ssm:here:parameter/shop/url"],
  ],
  [
    "GetParameters",
    { Names: ["/a", "/b"] },
    ["ssm:GetParameters arn:aws:ssm:here:parameter/a", "ssm:GetParameters arn:aws:ssm:here:parameter/b"],
  ],
  // A member that the operation does not have hides nothing.
  [
    "GetParameter",
    { Name: "/a", Names: ["/b"] },
    ["ssm:GetParameter arn:aws:ssm:here:parameter/a", "ssm:GetParameter arn:aws:ssm:here:parameter/b"],
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

test("SES: a name that looks like an address is not the sender", () => {
  const body = { FromEmailAddress: `"<a@shop.example>" <x@bank.example>`, Content: { Simple: {} } };
  const [needs = ""] = needed("ses", { url: "/v2/email/outbound-emails", body });
  expect(needs).toContain("identity/x@bank.example");
  expect(needs).not.toContain("shop.example");
});

test("SES: a raw message may name its sender itself, and a call the identity that it sends by", () => {
  const Data = Buffer.from("From: Shop <a@shop.example>\r\nTo: b@c.example\r\n\r\nFrom: x@bank.example").toString("base64");
  const mail = (more: object) => ({ url: "/v2/email/outbound-emails", body: { Content: { Raw: { Data } }, ...more } });
  expect(needed("ses", mail({}))[0]).toMatch(/^ses:SendRawEmail arn:aws:ses:here:identity\/a@shop\.example /);
  const FromEmailAddressIdentityArn = "arn:aws:ses:us-east-1:000000000000:identity/other.example";
  expect(needed("ses", mail({ FromEmailAddressIdentityArn }))).toEqual([
    "ses:SendRawEmail arn:aws:ses:here:identity/other.example",
  ]);
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
  ...[
    "function%3Aorders",
    "000000000000%3Afunction%3Aorders",
    "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aorders",
  ].map(
    (name) =>
      [
        "POST",
        `/2015-03-31/functions/${name}/invocations`,
        ["lambda:InvokeFunction arn:aws:lambda:here:function:orders"],
      ] as const,
  ),
  ["POST", "/2015-03-31/functions/function/invocations", ["lambda:InvokeFunction arn:aws:lambda:here:function:function"]],
  ["GET", "/2015-03-31/functions/orders/policy", ["lambda:GetPolicy arn:aws:lambda:here:function:orders"]],
  ["DELETE", "/2015-03-31/functions/orders/policy/s", ["lambda:RemovePermission arn:aws:lambda:here:function:orders"]],
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

test.for([
  ["sqs", "CreateQueue", { QueueName: "orders", tags: { Team: "shop" } }, "", ["Team"]],
  ["sqs", "CreateQueue", { QueueName: "orders" }, "", []],
  ["sqs", "UntagQueue", { ...queue, TagKeys: ["Team"] }, "", ["Team"]],
  ["sns", "", "", "Action=CreateTopic&Name=events&Tags.member.1.Key=Team&Tags.member.1.Value=shop", ["Team"]],
  ["sns", "", "", "Action=Publish&Message=m&TopicArn=arn:aws:sns:us-east-1:000000000000:events", []],
  ["ssm", "PutParameter", { Name: "/a", Value: "x", Tags: [{ Key: "Team", Value: "shop" }] }, "", ["Team"]],
] as const)("the tags of a call are condition keys: %s %s %j%s", ([api, operation, input, form, tagKeys]) => {
  const body = form === "" ? JSON.stringify(input) : form;
  const [{ context } = access("", "")] = accessesOf(api, { method: "POST", url: "/", headers: {}, operation, body });
  expect(context?.("aws:tagkeys")).toEqual(tagKeys);
  const created = tagKeys.length > 0 && operation !== "UntagQueue";
  expect(context?.("aws:requesttag/team")).toEqual(created ? ["shop"] : []);
});
