import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { ROOT } from "../../../bin/root.ts";
import { runCommand } from "./command.ts";
import { FOLDER } from "./folder.ts";

const CDK = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");

/** LocalStack's account, and the region that the tests' clients name. */
const ACCOUNT = "000000000000";
const REGION = "us-east-1";

/** An app to deploy. */
export interface App {
  /** How its files are named: `fanfare`. */
  readonly name: string;
  /** As `cdk --app` takes it. @default what cdk.json says */
  readonly command?: string;
}

export interface DeployOptions {
  readonly endpoint: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What the app expects of its operator: SSM parameters by name, of the types String and SecureString. */
export interface Settings {
  readonly parameters: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Sets what the app's stacks read when they are deployed, and its functions when they run. */
export async function setParameters(endpoint: string, { parameters, secrets }: Settings): Promise<void> {
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: "test" };
  const client = new SSMClient({ endpoint, region: REGION, credentials });
  for (const [Type, values] of [
    ["String", parameters],
    ["SecureString", secrets],
  ] as const)
    for (const [Name, Value] of Object.entries(values))
      await client.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
  client.destroy();
}

/** Prepares LocalStack's account for the CDK. @throws Problem with the CDK's last lines, when it fails */
export async function bootstrap(options: DeployOptions): Promise<void> {
  options.say("cdk bootstrap");
  await cdk(["bootstrap", `aws://${ACCOUNT}/${REGION}`], "bootstrap", options);
}

/** Deploys all stacks of an app. @throws Problem with the CDK's last lines, when it fails */
export async function deploy(app: App, options: DeployOptions): Promise<void> {
  options.say(`cdk deploy: ${app.name}`);
  const parameters = ["deploy", "--all", "--require-approval", "never", "--output", join(FOLDER, `cdk.out-${app.name}`)];
  // Side by side, for after each stack the CDK waits for some seconds until it looks again.
  parameters.push("--concurrency", "8");
  if (app.command !== undefined) parameters.push("--app", app.command);
  await cdk(parameters, app.name, options);
}

async function cdk(parameters: readonly string[], name: string, { endpoint, say, signal }: DeployOptions): Promise<void> {
  await runCommand(process.execPath, [CDK, ...parameters, "--no-notices"], {
    cwd: ROOT,
    env: environmentFor(endpoint),
    log: join(FOLDER, `cdk-${name}.log`),
    signal,
    onLine: (line) => {
      if (line.includes("✅") || line.includes("❌")) say(line.trim());
    },
  });
}

/** An environment that leads the CDK and the SDKs to LocalStack, and none of the user's own settings to AWS. */
export function environmentFor(endpoint: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(own),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
  };
}
