import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, expect, test, vi } from "vitest";
import { getParameter } from "#lib/runtime/secrets/get-parameter.ts";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A laptop cloud, and an environment in which functions of it run. */
async function openCloud() {
  const cloud = await runResources({});
  const { endpoint } = cloud;
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  }))
    vi.stubEnv(name, value);
  const misbehave = (rule: object) => fetch(`${endpoint}/_fanfare/chaos`, { method: "POST", body: JSON.stringify(rule) });
  return { ssm: new SSMClient(clientConfig(cloud)), misbehave };
}

const read = (name: string) => getParameter(name, AbortSignal.timeout(5_000));

test("a SecureString is read decrypted", async () => {
  const { ssm } = await openCloud();
  await ssm.send(new PutParameterCommand({ Name: "/shop/key", Value: "sk_1", Type: "SecureString" }));
  expect(await read("/shop/key")).toBe("sk_1");
});

test("a parameter that is missing is named, with SSM's reason", async () => {
  await openCloud();
  await expect(read("/shop/none")).rejects.toThrow(
    "the SSM parameter /shop/none could not be read: ParameterNotFound: Parameter /shop/none not found.",
  );
});

test("throttling is met by further attempts, and named when it stays", async () => {
  const { misbehave } = await openCloud();
  await misbehave({ fault: "throttle", rate: 1, api: "ssm" });
  await expect(read("/shop/key")).rejects.toThrow("the SSM parameter /shop/key could not be read: ThrottlingException");
});
