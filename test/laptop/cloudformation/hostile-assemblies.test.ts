import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { CloudError, startCloud } from "#lib/laptop/index.ts";
import { clientConfig, runCloud, temporaryFolder, type TestTemplate, writeAssembly } from "../../support/cloud-support.ts";

const queue = (name: unknown, more: object = {}) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName: name }, ...more });
const named = (name: unknown): TestTemplate => ({ Resources: { Queue: queue(name) } });

/** How a start with these stacks fails: in one line. */
async function failure(template: TestTemplate, assets: Record<string, string> = {}): Promise<string> {
  return failureOf(writeAssembly({ shop: template }, assets));
}

async function failureOf(assembly: string): Promise<string> {
  const starting = startCloud({ assembly, port: 0 });
  await expect(starting).rejects.toThrow(CloudError);
  const message = await starting.then(String, (error: Error) => error.message);
  expect(message).not.toContain("\n");
  return message;
}

test("forty conditions of which each asks twice for the one before are decided at once", async () => {
  const last = 40;
  const chained = Array.from({ length: last }, (_, n) => [
    `C${n + 1}`,
    { "Fn::Or": [{ Condition: `C${n}` }, { Condition: `C${n}` }] },
  ]);
  const Conditions = { C0: { "Fn::Equals": ["a", "b"] }, ...Object.fromEntries(chained) };
  const Resources = { Queue: queue("never", { Condition: `C${last}` }) };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Conditions, Resources } }) });
  expect(() => cloud.queues.look("never")).toThrow("never");
});

test("conditions in a circle are named", async () => {
  const Conditions = { A: { "Fn::Not": [{ Condition: "B" }] }, B: { "Fn::And": [{ Condition: "A" }, { Condition: "A" }] } };
  expect(await failure({ Conditions, Resources: { Queue: queue("q", { Condition: "A" }) } })).toBe(
    "Stack shop has conditions that refer to each other in a circle: A → B → A. It stands at Queue.Condition in stack shop.",
  );
});

test.each([
  ["a billion blocks", [1_000_000_000, 8], "the count 1000000000 in Fn::Cidr: expected 1 to 256"],
  ["a part of a block", [1.5, 8], "the count 1.5 in Fn::Cidr: expected 1 to 256"],
  ["blocks larger than the address space", [1, 99], "99 cidrBits in Fn::Cidr: expected 1 to 32 for IPv4"],
])("Fn::Cidr refuses %s", async (_, [count, bits], expected) => {
  const name = { "Fn::Select": [0, { "Fn::Cidr": ["10.0.0.0/16", count, bits] }] };
  expect(await failure(named(name))).toBe(
    `Stack shop has ${expected}. It stands at Queue.QueueName.Fn::Select.Fn::Cidr in stack shop.`,
  );
});

test("what cannot be resolved is named by stack, logical id and path", async () => {
  expect(await failure(named({ "Fn::Join": ["-", ["a", { "Fn::Select": [7, ["b"]] }]] }))).toBe(
    "Stack shop selects item 7 of 1: expected 0 to 0. It stands at Queue.QueueName.Fn::Join.1.Fn::Select in stack shop.",
  );
});

test.each([
  ["Fn::Sub", (inner: unknown) => ({ "Fn::Sub": ["${a}${a}", { a: inner }] })],
  ["Fn::ToJsonString", (inner: unknown) => ({ "Fn::ToJsonString": { '"': inner } })],
])("forty %s that each double the text of the one within end, with the place", async (name, outer) => {
  let text: unknown = "ab";
  for (let count = 0; count < 40; count += 1) text = outer(text);
  expect(await failure(named(text))).toMatch(
    new RegExp(
      `^Stack shop makes a text of more than 1048576 characters, .+ It stands at Queue\\.QueueName\\.${name}.* in stack shop\\.$`,
    ),
  );
});

test("outputs that each double the one before end, with the place", async () => {
  const doubled = Array.from({ length: 40 }, (_, n): [string, TestTemplate] => {
    const former = n === 0 ? "ab" : { "Fn::ImportValue": `text-${n - 1}` };
    const Text = { Value: { "Fn::Join": ["", [former, former]] }, Export: { Name: `text-${n}` } };
    return [`stack-${String(n).padStart(2, "0")}`, { Resources: {}, Outputs: { Text } }];
  });
  expect(await failureOf(writeAssembly(Object.fromEntries(doubled)))).toMatch(
    /^Stack stack-19 makes a text of more than 1048576 characters, .+ It stands at Outputs\.Text\.Value\.Fn::Join in stack stack-19\.$/,
  );
});

test("a text of nothing but beginnings of variables is a text", async () => {
  const text = "${".repeat(100_000);
  const Resources = {
    Long: { Type: "AWS::SSM::Parameter", Properties: { Name: "/long", Type: "String", Value: { "Fn::Sub": text } } },
  };
  const cloud = await runCloud({ assembly: writeAssembly({ shop: { Resources } }) });
  const { Parameter } = await new SSMClient(clientConfig(cloud)).send(new GetParameterCommand({ Name: "/long" }));
  expect(Parameter?.Value?.length).toBe(text.length);
});

test("2,500 functions in each other are refused, with the place", async () => {
  const depth = 2_500;
  const nested = `${'{"Fn::Join":["",['.repeat(depth)}"a"${"]]}".repeat(depth)}`;
  const assembly = writeAssembly({ shop: named("NAME") });
  // As text: what JSON.parse reads has too little stack to be written.
  const template = join(assembly, "shop.template.json");
  writeFileSync(template, readFileSync(template, "utf8").replace('"NAME"', nested));
  expect(await failureOf(assembly)).toMatch(
    /^Stack shop is nested more than 200 levels deep, at Resources\.Queue\.Properties\.QueueName\.Fn::Join\.1\.0\.Fn::Join/,
  );
});

test("a stack has as many resources as CloudFormation takes", async () => {
  const Resources = Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`Q${n}`, queue(`q${n}`)]));
  expect(await failure({ Resources })).toBe("Stack shop has 501 resources: CloudFormation takes 500. Divide it.");
});

test("a nested assembly that is its own is refused", async () => {
  const folder = temporaryFolder();
  const artifacts = { again: { type: "cdk:cloud-assembly", properties: { directoryName: "." } } };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ version: "55.0.0", artifacts }));
  expect(await failureOf(folder)).toMatch(/^The cloud assembly in .* contains itself\. Run cdk synth again\.$/);
});

test("a nested stack that stands in itself is refused", async () => {
  const file = join(temporaryFolder(), "nested.json");
  const Nested = { Type: "AWS::CloudFormation::Stack", Properties: { TemplateURL: "https://s3.local/assets/nested.zip" } };
  writeFileSync(file, JSON.stringify({ Resources: { Nested } }));
  expect(await failure({ Resources: { Nested } }, { nested: file })).toBe(
    "Nested in stack shop-Nested contains itself: its template https://s3.local/assets/nested.zip is one that it stands in.",
  );
});

test("a zip file that unpacks to more than Lambda takes is refused", async () => {
  const file = join(temporaryFolder(), "bomb.zip");
  const archive = Buffer.from(zipSync({ "index.mjs": Buffer.from("export const handler = async () => {};") }));
  // What the archive's directory says: the size of the file when it is unpacked.
  archive.writeUInt32LE(262_144_000, archive.indexOf("PK\u0001\u0002") + 24);
  writeFileSync(file, archive);
  const Worker = {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: "worker",
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Code: { S3Bucket: "assets", S3Key: "bomb.zip" },
    },
  };
  expect(await failure({ Resources: { Worker } }, { bomb: file })).toMatch(
    /^The code of Worker in stack shop is .*: expected a folder or a zip file \(unzipped size must be smaller than 262144000 bytes, as on Lambda\)\.$/,
  );
});

test("an AllowedPattern that comes to no end is the template's fault", async () => {
  const Parameters = { Name: { Type: "String", AllowedPattern: "(a+)+", Default: `${"a".repeat(40)}!` } };
  expect(await failure({ Parameters, Resources: {} })).toMatch(
    /^Parameter Name of stack shop has the AllowedPattern \(a\+\)\+, which cannot be used: .*timed out/,
  );
});

test.each(["toString", "constructor", "__proto__", "valueOf"])(
  "%s is a name like any other, of which there is none",
  async (name) => {
    expect(await failure(named({ Ref: name }))).toContain(`Stack shop refers to ${name}, which it does not have.`);
    expect(await failure(named({ "Fn::FindInMap": [name, name, name] }))).toContain(
      `no entry ${name}.${name} in its mapping ${name}`,
    );
    expect(await failure({ Parameters: Object.fromEntries([[name, { Type: "String" }]]), Resources: {} })).toContain(
      `Stack shop needs a value for ${name}.`,
    );
    const missing = await runCloud({ assembly: writeAssembly({ shop: { Resources: { Odd: { Type: name } } } }) });
    expect(missing.missing).toMatchObject([{ type: name, consequence: "it does not exist here: calls to it fail" }]);
  },
);
