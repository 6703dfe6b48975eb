import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";

const ECHO = "exports.handler = async (event) => event;";

async function runUrl(source: string, properties: object = {}): Promise<{ cloud: Cloud; url: string }> {
  const cloud = await runResources({
    Hello: {
      Type: "AWS::Lambda::Function",
      Properties: { FunctionName: "hello", Runtime: "nodejs24.x", Handler: "index.handler", Code: { ZipFile: source } },
    },
    Url: {
      Type: "AWS::Lambda::Url",
      Properties: { TargetFunctionArn: { "Fn::GetAtt": ["Hello", "Arn"] }, AuthType: "NONE", ...properties },
    },
    Address: {
      Type: "AWS::SSM::Parameter",
      Properties: { Name: "/url", Type: "String", Value: { "Fn::GetAtt": ["Url", "FunctionUrl"] } },
    },
  });
  const { Parameter } = await new SSMClient(clientConfig(cloud)).send(new GetParameterCommand({ Name: "/url" }));
  return { cloud, url: Parameter?.Value ?? "" };
}

test("a function of another account is not found", async () => {
  const { cloud } = await runUrl(ECHO);
  const invoke = (owner: string) =>
    new LambdaClient(clientConfig(cloud)).send(
      new InvokeCommand({ FunctionName: `arn:aws:lambda:us-east-1:${owner}:function:hello` }),
    );
  await expect(invoke("111111111111")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  expect(await invoke("000000000000")).toMatchObject({ StatusCode: 200 });
});

test("chaos that is let loose on a function meets its URL too", async () => {
  const { cloud, url } = await runUrl(ECHO);
  const body = JSON.stringify({ fault: "throttle", rate: 1, resource: "hello" });
  await fetch(`${cloud.endpoint}/_fanfare/chaos`, { method: "POST", body });
  expect((await fetch(url)).status).toBe(429);
});

test("a function's URL gives it the call in payload format 2.0", async () => {
  const { url } = await runUrl(ECHO);
  const answer = await fetch(`${url}orders/1?sku=a&sku=b&empty=`, {
    method: "PUT",
    headers: { "content-type": "application/json", cookie: "a=1; b=2", "X-Custom": "yes" },
    body: '{"pieces":2}',
  });
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toMatchObject({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/orders/1",
    rawQueryString: "sku=a&sku=b&empty=",
    cookies: ["a=1", "b=2"],
    headers: { "x-custom": "yes", "content-type": "application/json" },
    queryStringParameters: { sku: "a,b", empty: "" },
    requestContext: {
      accountId: "anonymous",
      http: { method: "PUT", path: "/orders/1", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
      stage: "$default",
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/) as unknown,
    },
    body: '{"pieces":2}',
    isBase64Encoded: false,
  });
});

test("slashes at the beginning of a path belong to the path", async () => {
  const { url } = await runUrl(ECHO);
  for (const path of ["//", "//orders/1", "//:0/"])
    expect(await (await fetch(url.slice(0, -1) + path)).json()).toMatchObject({ rawPath: path });
});

test.each([
  ["a status that is not final", "{ statusCode: 101 }"],
  ["a header that is not one", `{ statusCode: 200, headers: { "x y": "1" } }`],
  ["two lines in a header", `{ statusCode: 200, headers: { "x-y": "1\\n2" } }`],
])("a response with %s is a bad gateway", async (_what, response) => {
  const { url } = await runUrl(`exports.handler = async () => (${response});`);
  expect((await fetch(url)).status).toBe(502);
});

test("a body that is no text comes as Base64", async () => {
  const { url } = await runUrl(ECHO);
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "image/png" }, body: Buffer.from([0, 255]) });
  expect(await answer.json()).toMatchObject({ rawPath: "/", body: "AP8=", isBase64Encoded: true });
});

describe("a function's result", () => {
  test("with a status is the response", async () => {
    const { url } = await runUrl(`exports.handler = async () => ({
      statusCode: 201, headers: { "Content-Type": "text/plain", "X-Order": 7 }, cookies: ["a=1", "b=2"], body: "aGVsbG8=", isBase64Encoded: true,
    });`);
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([201, "hello"]);
    expect(answer.headers.get("content-type")).toBe("text/plain");
    expect(answer.headers.get("x-order")).toBe("7");
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  test("without one is a JSON body", async () => {
    const { url } = await runUrl(`exports.handler = async () => "hello";`);
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, '"hello"']);
  });

  test.each([
    ["an error", "throw new Error('no');"],
    ["a status that is none", "return { statusCode: 'fine' };"],
    ["a body that is no text", "return { statusCode: 200, body: {} };"],
    ["headers that are a text", "return { statusCode: 200, headers: 'none' };"],
  ])("that is %s is a bad gateway", async (_what, body) => {
    const { url } = await runUrl(`exports.handler = async () => { ${body} };`);
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([502, "Internal Server Error"]);
  });
});

test("a URL that asks for signatures refuses a call without one", async () => {
  const { url } = await runUrl(ECHO, { AuthType: "AWS_IAM" });
  expect((await fetch(url)).status).toBe(403);
  const authorization =
    "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00";
  expect((await fetch(url, { headers: { authorization } })).status).toBe(200);
});

test("no other site may call a URL from a page, whatever its CORS configuration says, and that is listed", async () => {
  const { cloud, url } = await runUrl(ECHO, { Cors: { AllowOrigins: ["*"] } });
  expect((await fetch(url, { headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect(cloud.missing).toMatchObject([{ logicalId: "Url", consequence: expect.stringContaining("CORS") as unknown }]);
});

test("a URL is told of in the status", async () => {
  const { cloud, url } = await runUrl(ECHO);
  expect((await cloud.status()).functions).toMatchObject([{ name: "hello", urls: [url] }]);
});

test("a URL that no function has is not found", async () => {
  const { cloud } = await runUrl(ECHO);
  expect((await fetch(`${cloud.endpoint}/lambda-url/nobody/`)).status).toBe(404);
});
