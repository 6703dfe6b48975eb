import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import * as v from "valibot";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, openToTopics, rawSubscription, runResources, table } from "../../support/cloud-support.ts";

const resources = {
  Orders: table("orders"),
  Other: table("other"),
  Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
  Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "events-queue" } },
  QueuePolicy: openToTopics("Queue"),
  Subscription: rawSubscription(),
};

const TOPIC = "arn:aws:sns:us-east-1:000000000000:events";

const answered = v.looseObject({
  message: v.optional(v.string()),
  rules: v.optional(v.array(v.looseObject({ fired: v.number() })), []),
});

async function chaos({ endpoint }: Cloud, method: string, body?: object, id = "") {
  const response = await fetch(`${endpoint}/_fanfare/chaos${id}`, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: response.status, answer: v.parse(answered, await response.json()) };
}

const put = (TableName: string, pk = "1") => new PutItemCommand({ TableName, Item: { pk: { S: pk } } });
const get = (TableName: string, pk = "1") => new GetItemCommand({ TableName, Key: { pk: { S: pk } } });

test("a throttle refuses the calls that it is for, as the API would, and no others", async () => {
  const cloud = await runResources(resources);
  const dynamodb = new DynamoDBClient(clientConfig(cloud));
  await chaos(cloud, "POST", { fault: "throttle", rate: 1, api: "dynamodb", operation: "PutItem", resource: "orders" });

  await expect(dynamodb.send(put("orders"))).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
  await expect(dynamodb.send(put("other"))).resolves.toBeDefined();
  expect((await dynamodb.send(get("orders"))).Item).toBeUndefined();
});

test("an SDK that tries again gets through a throttle", async () => {
  const cloud = await runResources(resources);
  await chaos(cloud, "POST", { fault: "throttle", rate: 0.5, api: "sns", seed: 1 });
  const sns = new SNSClient({ ...clientConfig(cloud), maxAttempts: 10 });
  for (const Message of ["1", "2", "3", "4"]) await sns.send(new PublishCommand({ TopicArn: TOPIC, Message }));

  expect(cloud.queues.look("events-queue").messages.map(({ body }) => body)).toEqual(["1", "2", "3", "4"]);
  const { answer } = await chaos(cloud, "GET");
  expect(answer.rules[0]?.fired).toBeGreaterThan(0);
});

test("a conflict cancels a transaction, with a reason for each of its actions, and changes nothing", async () => {
  const cloud = await runResources(resources);
  const dynamodb = new DynamoDBClient(clientConfig(cloud));
  await chaos(cloud, "POST", { fault: "conflict", rate: 1 });
  const TransactItems = ["orders", "other"].map((TableName) => ({ Put: { TableName, Item: { pk: { S: "1" } } } }));

  await expect(dynamodb.send(new TransactWriteItemsCommand({ TransactItems }))).rejects.toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "TransactionConflict" }],
  });
  expect((await dynamodb.send(get("orders"))).Item).toBeUndefined();
});

test("a lost answer is of a call that was done", async () => {
  const cloud = await runResources(resources);
  const dynamodb = new DynamoDBClient(clientConfig(cloud));
  await chaos(cloud, "POST", { fault: "lost-answer", rate: 1, operation: "PutItem" });

  await expect(dynamodb.send(put("orders"))).rejects.toThrow("socket hang up");
  expect((await dynamodb.send(get("orders"))).Item).toEqual({ pk: { S: "1" } });
});

test("a duplicate is the same message a second time, under an id of its own", async () => {
  const cloud = await runResources(resources);
  await chaos(cloud, "POST", { fault: "duplicate", rate: 1, resource: "events" });
  await new SNSClient(clientConfig(cloud)).send(new PublishCommand({ TopicArn: TOPIC, Message: "m" }));

  const { messages } = cloud.queues.look("events-queue");
  expect(messages.map(({ body }) => body)).toEqual(["m", "m"]);
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(2);
});

test.each([
  ["a bucket", "s3", "scans", "PUT", "/scans/2026/a:b"],
  ["a function", "lambda", "orders", "POST", "/2015-03-31/functions/orders:live/invocations"],
  ["a parameter", "ssm", "/shop/url", "POST", "/"],
])("a rule on %s is for all that is done with it", async (_what, api, resource, method, path) => {
  const cloud = await runResources({});
  await chaos(cloud, "POST", { fault: "throttle", rate: 1, api, resource });
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${api}/aws4_request`,
    ...(api === "ssm" && { "x-amz-target": "AmazonSSM.GetParameter" }),
  };
  await fetch(cloud.endpoint + path, { method, headers, body: JSON.stringify({ Name: "/shop/url" }) });
  expect((await chaos(cloud, "GET")).answer.rules).toMatchObject([{ met: 1, fired: 1 }]);
});

test("latency holds a call up, and the call is done all the same", async () => {
  const cloud = await runResources(resources);
  await chaos(cloud, "POST", { fault: "latency", rate: 1, api: "dynamodb", milliseconds: 30 });
  const dynamodb = new DynamoDBClient(clientConfig(cloud));
  await dynamodb.send(put("orders"));

  expect((await dynamodb.send(get("orders"))).Item).toEqual({ pk: { S: "1" } });
  expect((await chaos(cloud, "GET")).answer.rules).toMatchObject([{ met: 2, fired: 2 }]);
});

test("rules are told of, counted, and lifted one by one or all at once", async () => {
  const cloud = await runResources(resources);
  await chaos(cloud, "POST", { fault: "throttle", rate: 0.25, api: "sqs", seed: 7 });
  await chaos(cloud, "POST", { fault: "lost-answer", rate: 1 });
  expect(cloud.activity.recent().map((activity) => activity.kind === "notice" && activity.line)).toEqual([
    "chaos 1: throttle: 25 % of sqs (seed 7)",
    expect.stringMatching(/^chaos 2: lost-answer: 100 % of every API \(seed \d+\)$/),
  ]);
  await new DynamoDBClient(clientConfig(cloud)).send(put("orders")).catch(() => undefined);
  expect((await chaos(cloud, "GET")).answer.rules).toMatchObject([
    { id: "1", met: 0, fired: 0, seed: 7 },
    { id: "2", met: 1, fired: 1 },
  ]);

  expect(await chaos(cloud, "DELETE", undefined, "/1")).toMatchObject({ status: 200, answer: { rules: [{ id: "2" }] } });
  expect(await chaos(cloud, "DELETE", undefined, "/1")).toMatchObject({ status: 404 });
  expect(await chaos(cloud, "DELETE")).toMatchObject({ answer: { rules: [] } });
  await expect(new DynamoDBClient(clientConfig(cloud)).send(put("orders"))).resolves.toBeDefined();
});

test.each([
  [{ fault: "earthquake", rate: 1 }, "fault is not one of throttle"],
  [{ fault: "throttle" }, '"rate" is missing'],
  [{ fault: "throttle", rate: 20 }, "rate is above 1"],
  [{ fault: "throttle", rate: 0 }, "rate is not above 0"],
  [{ fault: "throttle", rate: 1, api: "ec2" }, "api is not one of dynamodb"],
  [{ fault: "throttle", rate: 1, tabel: "orders" }, 'there is no "tabel"'],
  [{ fault: "throttle", rate: 1, milliseconds: 5 }, "milliseconds go with latency"],
  [{ fault: "latency", rate: 1 }, "milliseconds go with latency"],
  [{ fault: "conflict", rate: 1, api: "sns" }, "conflict is of dynamodb alone"],
  [{ fault: "duplicate", rate: 1, api: "sqs" }, "duplicate is of sns alone"],
])("the rule %j is refused, and says why", async (rule, why) => {
  const cloud = await runResources({});
  const { status, answer } = await chaos(cloud, "POST", rule);
  expect(status).toBe(400);
  expect(answer.message).toContain(why);
});
