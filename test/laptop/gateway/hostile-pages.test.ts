import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { attackFromPage, chromium } from "../../support/browser/hostile-page.ts";
import { clientConfig, runResources } from "../../support/cloud-support.ts";

const CREATE_TABLE = "DynamoDB_20120810.CreateTable";
const table = {
  TableName: "evil",
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  BillingMode: "PAY_PER_REQUEST",
};
const CREATE_TOPIC = "/?Action=CreateTopic&Name=evil&Version=2010-03-31";

async function runCloud() {
  const cloud = await runResources({});
  const config = clientConfig(cloud);
  const made = async () => ({
    tables: (await new DynamoDBClient(config).send(new ListTablesCommand())).TableNames,
    topics: (await new SNSClient(config).send(new ListTopicsCommand())).Topics ?? [],
  });
  return { cloud, made };
}

/** A request with any headers, which `fetch` would set itself. */
function send(url: string, headers: Record<string, string>, body?: object | string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: body ? "POST" : "GET", headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sent.on("error", reject);
    sent.end(typeof body === "object" ? JSON.stringify(body) : body);
  });
}

test.each([
  ["an image or a script", CREATE_TOPIC, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, undefined],
  ["a blind request", "/", { origin: "http://evil.example", "x-amz-target": CREATE_TABLE }, table],
  ["a form of a page without an origin", CREATE_TOPIC, { origin: "null" }, table],
  ["a page under a name of its own", "/", { host: "evil.example:4566", "x-amz-target": CREATE_TABLE }, table],
])("what %s of another site sends is refused", async (_, path, headers, body) => {
  const { cloud, made } = await runCloud();
  const answer = await send(`${cloud.endpoint}${path}`, headers, body);
  expect(answer).toMatchObject({ status: 403, body: expect.stringContaining("AccessDenied") });
  expect(await made()).toEqual({ tables: [], topics: [] });
});

test("the same requests from the developer's own programs are carried out", async () => {
  const { cloud, made } = await runCloud();
  expect(await send(`${cloud.endpoint}/`, { "x-amz-target": CREATE_TABLE }, table)).toMatchObject({ status: 200 });
  const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "none" };
  expect(await send(`${cloud.endpoint}/`, form, CREATE_TOPIC.slice("/?".length))).toMatchObject({ status: 200 });
  expect(await made()).toMatchObject({ tables: ["evil"], topics: [{}] });
});

test.skipIf(chromium === undefined)("a hostile page in Chromium changes nothing through the gateway", async () => {
  const { cloud, made } = await runCloud();
  await attackFromPage([cloud.endpoint, cloud.endpoint.replace("127.0.0.1", "localhost")], {
    target: CREATE_TABLE,
    body: table,
  });
  expect(await made()).toEqual({ tables: [], topics: [] });
});
