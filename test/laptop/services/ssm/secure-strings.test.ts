import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { clientConfig, runResources } from "../../../support/cloud-support.ts";

const KEY = "arn:aws:kms:us-east-1:000000000000:key/k1";

/** A role that may read the parameters below /shop, and use the keys that are given. */
function reader(...keys: string[]) {
  const statement = (Action: string, Resource: string) => ({ Effect: "Allow", Action, Resource });
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: "reader",
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
      Policies: [
        {
          PolicyName: "read",
          PolicyDocument: {
            Statement: [
              statement("ssm:GetParameter", "arn:aws:ssm:us-east-1:000000000000:parameter/shop/*"),
              ...keys.map((key) => statement("kms:Decrypt", key)),
            ],
          },
        },
      ],
    },
  };
}

async function openCloud(...keys: string[]) {
  const cloud = await runResources({ Reader: reader(...keys) });
  const administrator = new SSMClient(clientConfig(cloud));
  const role = new SSMClient({ ...clientConfig(cloud), credentials: cloud.iam.credentialsOf("reader") });
  const put = (Name: string, KeyId?: string) =>
    administrator.send(new PutParameterCommand({ Name, Value: "sk_1", Type: "SecureString", ...(KeyId && { KeyId }) }));
  const read = async (Name: string, WithDecryption = true) =>
    (await role.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
  return { administrator, put, read };
}

describe("a SecureString", () => {
  test("is readable with decryption alone", async () => {
    const { administrator, put, read } = await openCloud();
    await put("/shop/key");
    expect(await read("/shop/key")).toMatchObject({ Type: "SecureString", Value: "sk_1" });
    expect((await read("/shop/key", false))?.Value).not.toContain("sk_1");
    const { Parameters = [] } = await administrator.send(new GetParametersByPathCommand({ Path: "/shop" }));
    expect(Parameters.map(({ Value }) => Value)).not.toContain("sk_1");
  });

  test("under the key that AWS manages asks for no right to the key", async () => {
    const { put, read } = await openCloud();
    await put("/shop/key", "alias/aws/ssm");
    expect((await read("/shop/key"))?.Value).toBe("sk_1");
  });

  test("under a customer's key asks for the right to decrypt with it", async () => {
    const { put, read } = await openCloud();
    await put("/shop/key", "k1");
    await expect(read("/shop/key")).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`kms:Decrypt on resource: ${KEY}`),
    });
    expect((await read("/shop/key", false))?.Value).not.toContain("sk_1");
  });

  test("under a customer's key is readable with that right", async () => {
    const { put, read } = await openCloud(KEY);
    await put("/shop/key", KEY);
    expect((await read("/shop/key"))?.Value).toBe("sk_1");
  });
});
