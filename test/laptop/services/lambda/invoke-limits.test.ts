import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { clientConfig, codeFolder, lambda, runCloud, writeAssembly } from "../../../support/cloud-support.ts";

test.each([
  ["nested too deeply", `JSON.parse("[".repeat(1e5) + "]".repeat(1e5))`, "Runtime.MarshalError"],
  ["larger than 6 MB", `"x".repeat(7e6)`, "Function.ResponseSizeTooLarge"],
])("a result that is %s is told as the function's error to whoever invokes it", async (_what, result, errorType) => {
  const source = `export const handler = async (event) => event.harmless ? 1 : ${result};`;
  const resources = { Worker: lambda("worker", "code") };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources: resources } }, { code: codeFolder(source) }) });
  const client = new LambdaClient(clientConfig(cloud));
  const invoke = async (event: object) => {
    const answer = await client.send(new InvokeCommand({ FunctionName: "worker", Payload: JSON.stringify(event) }));
    return { ...answer, payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as unknown };
  };
  expect(await invoke({})).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled", payload: { errorType } });
  expect(await invoke({ harmless: true })).toMatchObject({ StatusCode: 200, payload: 1 });
});
