import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import {
  clientConfig,
  codeFolder,
  lambda,
  runCloud,
  runResources,
  temporaryFolder,
  writeAssembly,
  type TestTemplate,
} from "../../../support/cloud-support.ts";

const ACCOUNT = "arn:aws:lambda:us-east-1:000000000000";

async function invoke(cloud: Cloud, FunctionName: string, qualifier?: string) {
  const { Payload, FunctionError, ExecutedVersion } = await new LambdaClient(clientConfig(cloud)).send(
    new InvokeCommand({ FunctionName, ...(qualifier !== undefined && { Qualifier: qualifier }) }),
  );
  const payload = JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown;
  return FunctionError === undefined ? { payload, ExecutedVersion } : { FunctionError, payload };
}

function zipFile(files: Record<string, string>): string {
  const file = join(temporaryFolder(), "code.zip");
  writeFileSync(file, zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
  return file;
}

const inline = (name: string, ZipFile: string, Runtime = "nodejs22.x") => ({
  Type: "AWS::Lambda::Function",
  Properties: { FunctionName: name, Runtime, Handler: "index.handler", Code: { ZipFile } },
});

describe("a function's code", () => {
  test("may stand in the template", async () => {
    const cloud = await runResources({
      Hello: inline("hello", "exports.handler = async () => process.env.AWS_EXECUTION_ENV;"),
    });
    expect(await invoke(cloud, "hello")).toMatchObject({ payload: "AWS_Lambda_nodejs22.x" });
  });

  test("may be a zip file", async () => {
    const assets = {
      code: zipFile({
        "src/app.js": "exports.handler = async () => require('./lib/text.js');",
        "src/lib/text.js": "module.exports = 'zipped';",
      }),
    };
    const { Type, Properties } = lambda("hello", "code");
    const resources = { Hello: { Type, Properties: { ...Properties, Handler: "src/app.handler" } } };
    const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources: resources } }, assets) });
    expect(await invoke(cloud, "hello")).toMatchObject({ payload: "zipped" });
  });

  test("that is a zip file reaching out of its folder is refused", async () => {
    const assets = { code: zipFile({ "../../stray.js": "" }) };
    const assembly = writeAssembly({ shop: { Resources: { Hello: lambda("hello", "code") } } }, assets);
    await expect(runCloud({ assembly })).rejects.toThrow(
      /^The code of Hello in stack shop is .*code\.zip: .*\.\.\/\.\.\/stray\.js/,
    );
  });

  test("lies over its layers", async () => {
    const layer = temporaryFolder();
    mkdirSync(join(layer, "nodejs/node_modules/greeting"), { recursive: true });
    writeFileSync(join(layer, "nodejs/node_modules/greeting/index.js"), "exports.greeting = 'from the layer';");
    const { Type, Properties } = lambda("hello", "code");
    const Resources = {
      Layer: { Type: "AWS::Lambda::LayerVersion", Properties: { Content: { S3Bucket: "assets", S3Key: "layer.zip" } } },
      Hello: { Type, Properties: { ...Properties, Layers: [{ Ref: "Layer" }] } },
    };
    const code = codeFolder("import { greeting } from 'greeting'; export const handler = async () => greeting;");
    const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources } }, { code, layer }) });
    expect(await invoke(cloud, "hello")).toMatchObject({ payload: "from the layer" });
  });

  test("that is not of Node.js, or not in the assembly, is listed; the function is not invoked and the rest runs", async () => {
    const cloud = await runResources({
      Python: {
        Type: "AWS::Lambda::Function",
        Properties: { FunctionName: "py", Runtime: "python3.13", Handler: "a.b", Code: { ZipFile: "" } },
      },
      Elsewhere: lambda("elsewhere", "unknown"),
      Queue: { Type: "AWS::SQS::Queue" },
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: { EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] }, FunctionName: { Ref: "Python" } },
      },
      Url: { Type: "AWS::Lambda::Url", Properties: { TargetFunctionArn: { Ref: "Python" }, AuthType: "NONE" } },
      Hello: inline("hello", "exports.handler = async () => 'hello';"),
    });
    expect(cloud.missing.map(({ logicalId, consequence }) => `${logicalId}: ${consequence}`)).toEqual([
      "Python: py is never invoked: functions run on Node.js here, not on python3.13",
      "Elsewhere: elsewhere is never invoked: its code, unknown.zip, is no asset of the assembly",
    ]);
    await expect(invoke(cloud, "py")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect(await invoke(cloud, "hello")).toMatchObject({ payload: "hello" });
  });

  test("runs without a layer that the app does not have, which is listed", async () => {
    const { Type, Properties } = inline("hello", "exports.handler = async () => 'hello';");
    const cloud = await runResources({
      Hello: { Type, Properties: { ...Properties, Layers: ["arn:aws:lambda:us-east-1:1:layer:x:7"] } },
    });
    expect(cloud.missing).toMatchObject([{ logicalId: "Hello", consequence: expect.stringContaining("layer:x:7") as unknown }]);
    expect(await invoke(cloud, "hello")).toMatchObject({ payload: "hello" });
  });
});

test("runtimes other than this Node's are told of once", async () => {
  const source = "exports.handler = async () => {};";
  const cloud = await runResources({
    A: inline("a", source, "nodejs18.x"),
    B: inline("b", source, "nodejs20.x"),
    C: inline("c", source, "nodejs20.x"),
    D: inline("d", source, "nodejs24.x"),
  });
  const notices = cloud.activity.recent().flatMap((it) => (it.kind === "notice" ? [it.line] : []));
  expect(notices).toEqual([`functions of nodejs18.x, nodejs20.x run on Node.js ${process.versions.node}`]);
});

describe("versions and aliases", () => {
  const source =
    "exports.handler = async (event, { functionVersion, invokedFunctionArn }) => ({ functionVersion, invokedFunctionArn });";
  const parameter = (Value: unknown) => ({ Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value } });
  const resources: TestTemplate["Resources"] = {
    Hello: inline("hello", source),
    V1: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "Hello" } } },
    Live: {
      Type: "AWS::Lambda::Alias",
      Properties: {
        FunctionName: { "Fn::GetAtt": ["V1", "FunctionArn"] },
        Name: "live",
        FunctionVersion: { "Fn::GetAtt": ["V1", "Version"] },
      },
    },
    VersionRef: parameter({ Ref: "V1" }),
    AliasRef: parameter({ Ref: "Live" }),
  };

  test.each([
    ["the name", "hello", undefined, "$LATEST", ""],
    ["a qualifier", "hello", "live", "1", ":live"],
    ["name and alias", "hello:live", undefined, "1", ":live"],
    ["the alias's ARN", `${ACCOUNT}:function:hello:live`, undefined, "1", ":live"],
    ["a partial ARN", "000000000000:function:hello", undefined, "$LATEST", ""],
    ["a version", "hello", "1", "1", ":1"],
    ["$LATEST", "hello", "$LATEST", "$LATEST", ":$LATEST"],
  ])("are invoked by %s", async (_by, name, qualifier, version, suffix) => {
    const cloud = await runResources(resources);
    expect(await invoke(cloud, name, qualifier)).toEqual({
      ExecutedVersion: version,
      payload: { functionVersion: version, invokedFunctionArn: `${ACCOUNT}:function:hello${suffix}` },
    });
  });

  test("that there are not are refused", async () => {
    const cloud = await runResources(resources);
    await expect(invoke(cloud, "hello", "blue")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("are referred to by their ARNs", async () => {
    const cloud = await runResources(resources);
    const value = async (Name: string) =>
      (await new SSMClient(clientConfig(cloud)).send(new GetParameterCommand({ Name }))).Parameter?.Value;
    expect(await value("shop-VersionRef")).toBe(`${ACCOUNT}:function:hello:1`);
    expect(await value("shop-AliasRef")).toBe(`${ACCOUNT}:function:hello:live`);
  });
});
