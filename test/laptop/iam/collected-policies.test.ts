import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { runResources, table } from "../../support/cloud-support.ts";
import { role } from "./templates.ts";

/*
 * Every way in which a template gives a role a policy: CloudFormation reference, AWS::IAM::Role, ::Policy, ::RolePolicy,
 * ::ManagedPolicy.
 */

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders";
const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const PolicyDocument = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE } };
const clerk = role("clerk");

function withProperties(properties: object) {
  return { ...clerk, Properties: { ...clerk.Properties, ...properties } };
}

function maySend(cloud: Cloud): boolean {
  return cloud.iam.allows("clerk", "sqs:SendMessage", QUEUE);
}

test.for([
  ["inline", { Clerk: withProperties({ Policies: [{ PolicyName: "Own", PolicyDocument }] }) }],
  [
    "as a policy of its own",
    {
      Clerk: clerk,
      Policy: { Type: "AWS::IAM::Policy", Properties: { PolicyName: "P", Roles: [{ Ref: "Clerk" }], PolicyDocument } },
    },
  ],
  [
    "as a role policy",
    {
      Clerk: clerk,
      Policy: { Type: "AWS::IAM::RolePolicy", Properties: { PolicyName: "P", RoleName: { Ref: "Clerk" }, PolicyDocument } },
    },
  ],
  [
    "as a managed policy that names the role",
    { Clerk: clerk, Policy: { Type: "AWS::IAM::ManagedPolicy", Properties: { Roles: [{ Ref: "Clerk" }], PolicyDocument } } },
  ],
  [
    "as a managed policy that the role names",
    {
      Clerk: withProperties({ ManagedPolicyArns: [{ Ref: "Policy" }] }),
      Policy: { Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument } },
    },
  ],
  ["as a policy of AWS", { Clerk: withProperties({ ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"] }) }],
] as const)("a policy %s", async ([, resources]) => {
  expect(maySend(await runResources(resources))).toBe(true);
});

test("a role without a policy may do nothing, one with a path is known all the same", async () => {
  const cloud = await runResources({
    Clerk: clerk,
    Guest: { ...clerk, Properties: { ...clerk.Properties, RoleName: "guest", Path: "/shop/", Policies: [{ PolicyDocument }] } },
  });
  expect(maySend(cloud)).toBe(false);
  expect(cloud.iam.allows("guest", "sqs:SendMessage", QUEUE)).toBe(true);
});

test("a permissions boundary limits what the policies allow", async () => {
  const boundary = (Action: string) => ({
    Type: "AWS::IAM::ManagedPolicy",
    Properties: { PolicyDocument: { Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource: "*" } } },
  });
  const bounded = withProperties({
    Policies: [{ PolicyName: "Own", PolicyDocument }],
    PermissionsBoundary: { Ref: "Boundary" },
  });
  expect(maySend(await runResources({ Clerk: bounded, Boundary: boundary("dynamodb:*") }))).toBe(false);
  expect(maySend(await runResources({ Clerk: bounded, Boundary: boundary("sqs:*") }))).toBe(true);
});

test("policies of queues, tables, topics, buckets and functions are for those that they name", async () => {
  const Principal = { AWS: { "Fn::GetAtt": ["Clerk", "Arn"] } };
  const document = (Action: string, Resource: string) => ({
    PolicyDocument: { Version: "2012-10-17", Statement: { Effect: "Allow", Principal, Action, Resource } },
  });
  const cloud = await runResources({
    Clerk: clerk,
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } },
    QueuePolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: { Queues: [{ Ref: "Queue" }], ...document("sqs:SendMessage", QUEUE) },
    },
    Table: table("orders", { ResourcePolicy: document("dynamodb:Query", `${TABLE}*`) }),
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
    TopicPolicy: { Type: "AWS::SNS::TopicPolicy", Properties: { Topics: [{ Ref: "Topic" }], ...document("sns:Publish", "*") } },
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "papers" } },
    BucketPolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: { Bucket: { Ref: "Bucket" }, ...document("s3:GetObject", "arn:aws:s3:::papers/out/*") },
    },
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: "greet",
        Action: "lambda:InvokeFunction",
        Principal: "sns.amazonaws.com",
        SourceArn: { Ref: "Topic" },
      },
    },
  });
  const topic = "arn:aws:sns:us-east-1:000000000000:events";
  const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:greet";
  expect(maySend(cloud)).toBe(true);
  expect(cloud.iam.allows("clerk", "dynamodb:Query", `${TABLE}/index/byDate`)).toBe(true);
  expect(cloud.iam.allows("clerk", "dynamodb:Scan", TABLE)).toBe(false);
  expect(cloud.iam.allows("clerk", "sns:Publish", topic)).toBe(true);
  expect(cloud.iam.allows("clerk", "s3:GetObject", "arn:aws:s3:::papers/out/1")).toBe(true);
  expect(cloud.iam.allows("clerk", "s3:GetObject", "arn:aws:s3:::papers/in/1")).toBe(false);
  expect(cloud.iam.allows({ service: "sns.amazonaws.com", sourceArn: topic }, "lambda:InvokeFunction", functionArn)).toBe(true);
  expect(
    cloud.iam.allows({ service: "sns.amazonaws.com", sourceArn: `${topic}-2` }, "lambda:InvokeFunction", functionArn),
  ).toBe(false);
});
