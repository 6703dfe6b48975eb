import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startCloud, type Cloud, type CloudOptions } from "#lib/laptop/index.ts";

type Resources = Record<string, { Type: string; Properties?: object; DependsOn?: string | string[]; Condition?: string }>;

/** A template, with its logical ids. */
export interface TestTemplate {
  Parameters?: object;
  Mappings?: object;
  Conditions?: object;
  Resources?: Resources;
  Outputs?: object;
}

/** An empty folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-cloud-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder that holds a function's code. */
export function codeFolder(source: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "index.mjs"), source);
  return folder;
}

/** Writes a cloud assembly by hand: stacks by name, and code folders by the asset's hash. */
export function writeAssembly(
  stacks: Record<string, TestTemplate>,
  assets: Record<string, string> = {},
  folder = temporaryFolder(),
) {
  const artifacts: Record<string, object> = {
    assets: { type: "cdk:asset-manifest", properties: { file: "all.assets.json" } },
  };
  for (const [name, template] of Object.entries(stacks)) {
    artifacts[name] = { type: "aws:cloudformation:stack", properties: { templateFile: `${name}.template.json` } };
    writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template));
  }
  const files = Object.entries(assets).map(([hash, path]) => [
    hash,
    { source: { path, packaging: "zip" }, destinations: { here: { objectKey: `${hash}.zip` } } },
  ]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "all.assets.json"), JSON.stringify({ files: Object.fromEntries(files) }));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ version: "55.0.0", artifacts }));
  return folder;
}

/** Runs a cloud until the test ends. */
export async function runCloud(options: Partial<CloudOptions> & { assembly: string }): Promise<Cloud> {
  const cloud = await startCloud({ port: 0, ...options });
  onTestFinished(() => cloud.stop());
  return cloud;
}

/** Runs a cloud that holds these resources in one stack. */
export function runResources(resources: Resources, options: Partial<CloudOptions> = {}): Promise<Cloud> {
  return runCloud({ assembly: writeAssembly({ shop: { Resources: resources } }), ...options });
}

/** What an AWS client needs to speak to the cloud. */
export function clientConfig({ endpoint }: { endpoint: string }) {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, maxAttempts: 1 };
}

/** A table with the string key `pk`. */
export function table(name: string, properties: object = {}) {
  return {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: name,
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
      ...properties,
    },
  };
}

/** A function that runs an asset; without a role nobody decides what it may do. */
export function lambda(name: string, hash: string, environment: object = {}, role?: object | string) {
  return {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: name,
      Code: { S3Bucket: "assets", S3Key: `${hash}.zip` },
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Timeout: 10,
      MemorySize: 128,
      Environment: { Variables: environment },
      ...(role && { Role: role }),
    },
  };
}

/** What brings the messages of the topic `Topic` to the queue `Queue` as they are; `more` properties of the subscription. */
export function rawSubscription(more: object = {}) {
  return {
    Type: "AWS::SNS::Subscription",
    Properties: {
      TopicArn: { Ref: "Topic" },
      Protocol: "sqs",
      Endpoint: { "Fn::GetAtt": ["Queue", "Arn"] },
      RawMessageDelivery: true,
      ...more,
    },
  };
}

/** The policy without which SNS may not deliver to queues; they are given by logical id. */
export function openToTopics(...queues: string[]) {
  const Resource = queues.map((queue) => ({ "Fn::GetAtt": [queue, "Arn"] }));
  const Statement = { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource };
  return {
    Type: "AWS::SQS::QueuePolicy",
    Properties: { Queues: queues.map((Ref) => ({ Ref })), PolicyDocument: { Version: "2012-10-17", Statement } },
  };
}
