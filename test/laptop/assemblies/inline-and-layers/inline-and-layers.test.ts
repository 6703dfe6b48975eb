import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { clientConfig } from "../../../support/cloud-support.ts";
import { runApp } from "../run-app.ts";
import { addInlineAndLayers } from "./app.ts";

test("an app of inline code, a layer, an alias with a URL and a bundle without the SDK runs", async () => {
  const cloud = await runApp(addInlineAndLayers);
  const { Parameter } = await new SSMClient(clientConfig(cloud)).send(new GetParameterCommand({ Name: "/greeter/url" }));
  const greeting = await fetch(`${Parameter?.Value}?name=Ada`);
  expect(await greeting.text()).toBe("hello Ada from 1");

  const note = { id: "1", text: "milk" };
  const { Payload, FunctionError } = await new LambdaClient(clientConfig(cloud)).send(
    new InvokeCommand({ FunctionName: "notes", Payload: JSON.stringify(note) }),
  );
  expect([FunctionError, JSON.parse(Buffer.from(Payload ?? []).toString())]).toEqual([undefined, note]);

  expect(cloud.missing).toMatchObject([
    { type: "AWS::Lambda::Function", consequence: "report is never invoked: functions run on Node.js here, not on python3.13" },
  ]);
});
