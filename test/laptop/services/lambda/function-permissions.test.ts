import {
  AddPermissionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { clientConfig, codeFolder, lambda, runCloud, writeAssembly } from "../../../support/cloud-support.ts";
import { role } from "../../iam/templates.ts";

const CLERK = "arn:aws:iam::000000000000:role/clerk";
const GREET = "arn:aws:lambda:us-east-1:000000000000:function:greet";

/** A function, and clients of the administrator and of a role without grants. */
async function greet() {
  const code = codeFolder("export const handler = () => 'hello'");
  const Url = { Type: "AWS::Lambda::Url", Properties: { TargetFunctionArn: "greet", AuthType: "AWS_IAM" }, DependsOn: "Greet" };
  const Resources = { Clerk: role("clerk"), Greet: lambda("greet", "code"), Url };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources } }, { code }) });
  const credentials = cloud.iam.credentialsOf("clerk");
  const config = { ...clientConfig(cloud), maxAttempts: 1 };
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20261120/us-east-1/lambda/aws4_request`;
  return {
    admin: new LambdaClient(config),
    clerk: new LambdaClient({ ...config, credentials }),
    callUrl: async () => (await fetch(`${cloud.endpoint}/lambda-url/greet/`, { headers: { authorization } })).status,
  };
}

const FunctionName = "greet";
const mayInvoke = { FunctionName, StatementId: "clerk", Action: "lambda:InvokeFunction", Principal: CLERK };

test("a permission that is added counts until it is removed", async () => {
  const { admin, clerk } = await greet();
  const invoke = () => clerk.send(new InvokeCommand({ FunctionName }));
  await expect(invoke()).rejects.toThrow("not authorized to perform: lambda:InvokeFunction");
  const { Statement = "" } = await admin.send(new AddPermissionCommand(mayInvoke));
  const statement = {
    Sid: "clerk",
    Effect: "Allow",
    Principal: { AWS: CLERK },
    Action: "lambda:InvokeFunction",
    Resource: GREET,
  };
  expect(JSON.parse(Statement)).toEqual(statement);
  expect((await invoke()).StatusCode).toBe(200);
  const { Policy = "" } = await admin.send(new GetPolicyCommand({ FunctionName: "function:greet" }));
  expect(JSON.parse(Policy)).toEqual({ Version: "2012-10-17", Id: "default", Statement: [statement] });
  await expect(admin.send(new AddPermissionCommand(mayInvoke))).rejects.toMatchObject({ name: "ResourceConflictException" });
  await admin.send(new RemovePermissionCommand({ FunctionName, StatementId: "clerk" }));
  await expect(invoke()).rejects.toThrow("not authorized");
  const gone = { name: "ResourceNotFoundException" };
  await expect(admin.send(new RemovePermissionCommand({ FunctionName, StatementId: "clerk" }))).rejects.toMatchObject(gone);
  await expect(admin.send(new GetPolicyCommand({ FunctionName }))).rejects.toMatchObject(gone);
});

test("a role may not give itself a permission", async () => {
  const { clerk } = await greet();
  await expect(clerk.send(new AddPermissionCommand(mayInvoke))).rejects.toThrow("lambda:AddPermission");
});

test("a function's URL asks for InvokeFunctionUrl and for InvokeFunction", async () => {
  const { admin, callUrl } = await greet();
  const permit = (StatementId: string, Action: string, more: object) =>
    admin.send(new AddPermissionCommand({ FunctionName, StatementId, Action, Principal: CLERK, ...more }));
  await permit("url", "lambda:InvokeFunctionUrl", { FunctionUrlAuthType: "AWS_IAM" });
  expect(await callUrl()).toBe(403);
  await permit("function", "lambda:InvokeFunction", { InvokedViaFunctionUrl: true });
  expect(await callUrl()).toBe(200);
});
