import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { ListTablesCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { startCloud } from "#lib/laptop/index.ts";
import { clientConfig, runCloud, runResources, table, writeAssembly } from "../../support/cloud-support.ts";

/** fetch does not let a caller choose the Host header. */
function statusFor(endpoint: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(`${endpoint}/_fanfare/status`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", reject).end();
  });
}

test("a call under a foreign host name is refused, and one under a loopback name is answered", async () => {
  const { endpoint } = await runResources({});
  const port = new URL(endpoint).port;
  expect(await statusFor(endpoint, { host: "evil.example" })).toBe(403);
  expect(await statusFor(endpoint, { host: `localhost.evil.example:${port}` })).toBe(403);
  expect(await statusFor(endpoint, { host: `localhost:${port}` })).toBe(200);
  expect(await statusFor(endpoint, { host: `bucket.s3.localhost:${port}` })).toBe(200);
});

test("a call from a page of another site is refused, and no site is allowed to read answers", async () => {
  const { endpoint } = await runResources({});
  expect(await statusFor(endpoint, { origin: "https://evil.example" })).toBe(403);
  expect((await fetch(`${endpoint}/_fanfare/status`)).headers.get("access-control-allow-origin")).toBeNull();
});

test("a preflight of a page of another site is refused, and no answer of any service lets one read it", async () => {
  const { endpoint } = await runResources({});
  const services = [
    "/",
    "/bucket",
    "/000000000000/inbox",
    "/2015-03-31/functions",
    "/v2/email/outbound-emails",
    "/_fanfare/status",
  ];
  for (const path of services) {
    const headers = { "access-control-request-method": "POST", "access-control-request-headers": "x-amz-target" };
    const preflight = (origin: string) => fetch(`${endpoint}${path}`, { method: "OPTIONS", headers: { ...headers, origin } });
    const foreign = await preflight("https://evil.example");
    expect(foreign.status).toBe(403);
    const own = await preflight(endpoint);
    for (const { headers: answered } of [foreign, own])
      expect([...answered.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  }
});

test("only this machine reaches the gateway", async () => {
  const { endpoint } = await runResources({});
  const port = Number(new URL(endpoint).port);
  // Another address of the loopback interface: what listens on every interface would answer there too.
  const [error] = await once(connect(port, "127.0.0.2"), "error");
  expect(error).toMatchObject({ code: expect.stringMatching(/^(ECONNREFUSED|ETIMEDOUT|EADDRNOTAVAIL)$/) });
});

/** A call of each service, by what tells the gateway which it is. */
const SERVICES: readonly (readonly [service: string, method: string, path: string, headers: Record<string, string>])[] = [
  ["DynamoDB", "POST", "/", { "x-amz-target": "DynamoDB_20120810.PutItem" }],
  ["SQS", "POST", "/", { "x-amz-target": "AmazonSQS.SendMessage" }],
  ["SQS's Query protocol", "POST", "/000000000000/inbox", { "content-type": "application/x-www-form-urlencoded" }],
  ["SNS", "POST", "/", { authorization: "Credential=a/1/us-east-1/sns/aws4_request" }],
  ["SSM", "POST", "/", { "x-amz-target": "AmazonSSM.PutParameter" }],
  ["SES", "POST", "/v2/email/outbound-emails", {}],
  ["S3", "PUT", "/bucket/key", { authorization: "Credential=a/1/us-east-1/s3/aws4_request" }],
  ["the page of chaos", "POST", "/_fanfare/chaos", {}],
];

const LARGE = 50 * 1_024 * 1_024;

test.each(SERVICES)("%s refuses a body of 50 MB before any of it has come", async (_, method, path, headers) => {
  const { endpoint } = await runResources({});
  const call = request(`${endpoint}${path}`, { method, headers: { ...headers, "content-length": LARGE } });
  call.on("error", () => {}).flushHeaders();
  const [answer] = await once(call, "response");
  call.destroy();
  expect(answer).toMatchObject({ statusCode: 413 });
});

test.each(SERVICES)("%s refuses a body without a length once it is too long", async (_, method, path, headers) => {
  const { endpoint } = await runResources({});
  const call = request(`${endpoint}${path}`, { method, headers });
  call.on("error", () => {});
  const answers: IncomingMessage[] = [];
  const answered = new Promise<void>((resolve) => call.once("response", (answer) => resolve(void answers.push(answer))));
  const chunk = Buffer.alloc(64 * 1_024, "x");
  let sent = 0;
  for (; sent < LARGE && answers.length === 0; sent += chunk.length)
    if (!call.write(chunk)) await Promise.race([new Promise((resolve) => call.once("drain", resolve)), answered]);
  call.destroy();
  expect(answers[0]?.statusCode).toBe(413);
  expect(sent).toBeLessThan(LARGE);
});

test("a body over the limit is refused before it is read to its end", async () => {
  const { endpoint } = await runResources({});
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "x-amz-target": "AmazonSSM.PutParameter" },
    body: "x".repeat(3 * 1_024 * 1_024),
  });
  expect(answer.status).toBe(413);
});

test("an operation that no service has is answered in AWS's terms", async () => {
  const { endpoint } = await runResources({});
  for (const target of ["DynamoDB_20120810.MakeCoffee", "AmazonSSM.MakeCoffee", "AmazonCoffee.Make"]) {
    const answer = await fetch(endpoint, { method: "POST", headers: { "x-amz-target": target }, body: "{}" });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: "UnknownOperationException" });
  }
});

test("a port that is in use is named, with the way to another one", async () => {
  const { endpoint } = await runResources({});
  const port = Number(new URL(endpoint).port);
  await expect(runCloud({ assembly: writeAssembly({}), port })).rejects.toThrow(
    `Port ${port} is in use. Stop what listens there, or choose another with --port <number>.`,
  );
});

test("an SDK's client finds DynamoDB behind the gateway", async () => {
  const cloud = await runResources({ Orders: table("orders") });
  const client = new DynamoDBClient(clientConfig(cloud));
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(["orders"]);
});

test("activity is streamed from a time on, one JSON object a line", async () => {
  const cloud = await runResources({});
  cloud.activity.notice("the first");
  const answer = await fetch(`${cloud.endpoint}/_fanfare/activity?since=0`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect(JSON.parse((await reader.read()).value ?? "")).toMatchObject({ kind: "notice", line: "the first" });
  cloud.activity.notice("the second");
  expect(JSON.parse((await reader.read()).value ?? "")).toMatchObject({ kind: "notice", line: "the second" });
  await reader.cancel();
});

test("a refusal is in the protocol of the call", async () => {
  const { endpoint } = await runResources({});
  const refusal = async (contentType: string) => {
    const headers = { "content-type": contentType, origin: "https://evil.example" };
    return (await fetch(endpoint, { method: "POST", headers, body: "" })).text();
  };
  expect(await refusal("application/x-www-form-urlencoded")).toContain("<Code>AccessDenied</Code>");
  expect(JSON.parse(await refusal("application/x-amz-json-1.0"))).toMatchObject({ __type: "AccessDenied" });
});

test("a port that no machine has is refused in one line", async () => {
  await expect(startCloud({ assembly: writeAssembly({}), port: 70_000 })).rejects.toThrow(
    "Port 70000 does not exist: expected 0 to 65535, where 0 takes any that is free.",
  );
});
