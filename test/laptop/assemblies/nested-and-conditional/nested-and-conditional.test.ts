import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { clientConfig, runCloud } from "../../../support/cloud-support.ts";
import { runApp, synthesizeApp } from "../run-app.ts";
import { nestedAndConditional } from "./app.ts";

const queueNames = async (cloud: Cloud) => (await cloud.status()).queues.map(({ name }) => name);

async function order(cloud: Cloud, stage: string): Promise<void> {
  const { topics } = await cloud.status();
  const topic = topics.find(({ name }) => name.startsWith(`${stage}Shared-Orders`));
  await new SNSClient(clientConfig(cloud)).send(
    new PublishCommand({
      TopicArn: topic?.arn,
      Message: JSON.stringify({ orderId: "1", amount: 10 }),
      MessageAttributes: { kind: { DataType: "String", StringValue: "order" } },
    }),
  );
}

test("an order goes through a nested stack's queue and function, with settings from parameters, mappings and SSM", async () => {
  const cloud = await runApp(nestedAndConditional);
  await order(cloud, "Dev");
  await cloud.settled(20_000);
  const bills = cloud.queues.look("DevShared-bills-audit").messages.map(({ body }): unknown => JSON.parse(body));
  expect(bills).toEqual([{ orderId: "1", total: 12, CURRENCY: "EUR" }]);
  expect(cloud.queues.look("ProdShared-bills-audit").messages).toEqual([]);
  expect(await queueNames(cloud)).toContain("DevBilling-b-shop");
  expect(cloud.missing).toMatchObject([
    {
      stack: "DevBilling",
      logicalId: "Odd",
      type: "Acme::Shop::Counter",
      consequence: "it does not exist here: calls to it fail",
    },
    { stack: "ProdBilling", logicalId: "Odd" },
  ]);
});

test.each<[string, Record<string, unknown>]>([
  ["weak references between stacks", { "@aws-cdk/core:defaultCrossStackReferences": "weak" }],
  ["assets by parameters (the legacy synthesizer)", { "@aws-cdk/core:newStyleStackSynthesis": false }],
])("it does so too where the app has %s", async (_, context) => {
  const cloud = await runCloud({ assembly: synthesizeApp(nestedAndConditional, context) });
  await order(cloud, "Dev");
  await cloud.settled(20_000);
  expect(cloud.queues.look("DevShared-bills-audit").messages).toHaveLength(1);
});

test("a parameter that is given decides what its conditions and mappings decide", async () => {
  const cloud = await runApp(nestedAndConditional, { parameters: { Size: "large" } });
  expect(await queueNames(cloud)).toContain("DevShared-bills-archive");
  const small = await runApp(nestedAndConditional);
  expect(await queueNames(small)).not.toContain("DevShared-bills-archive");
});

test("a value that a parameter or a rule does not allow is refused in one line", async () => {
  await expect(runApp(nestedAndConditional, { parameters: { Size: "huge" } })).rejects.toThrow(
    'Parameter Size of stack DevBilling is "huge": expected one of small, large. Give it with --parameter Size=value.',
  );
  await expect(runApp(nestedAndConditional, { parameters: { Size: "large", Zones: "b,c" } })).rejects.toThrow(
    "Stack DevBilling refuses its parameters by the rule LargeHasZones: Large needs zone a.",
  );
});

test("stacks that are named run with those that they depend on, and no other", async () => {
  const cloud = await runApp(nestedAndConditional, { stacks: ["Prod/Billing"] });
  const names = await queueNames(cloud);
  expect(names.filter((name) => name.startsWith("Dev"))).toEqual([]);
  await order(cloud, "Prod");
  await cloud.settled(20_000);
  expect(cloud.queues.look("ProdShared-bills-audit").messages).toHaveLength(1);
  await expect(runApp(nestedAndConditional, { stacks: ["Billing"] })).rejects.toThrow(
    /has no stack Billing\. There are: Dev\/Billing, Dev\/Shared, Prod\/Billing, Prod\/Shared\./,
  );
});
