import { arn } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import {
  created,
  physicalName,
  reportMissing,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "../../../cloudformation/resource.ts";

const LONGEST_NAME = 64;
const LONGEST_LAYER_NAME = 140;
/** Lambda's own defaults (CloudFormation reference, AWS::Lambda::Function). */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MEGABYTES = 128;

/** Lambda: functions, and the layers that lie under their code. */
export const lambdaResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::LayerVersion": layerVersion,
  // A layer is used by functions of the same app alone here.
  "AWS::Lambda::LayerVersionPermission": ({ logicalId }) => created(logicalId),
};

function lambdaFunction(resource: Resource, deployment: Deployment): Created {
  const { properties } = resource;
  const name = physicalName(resource, "FunctionName", LONGEST_NAME);
  const functionArn = arn("lambda", `function:${name}`);
  const result = created(name, { Arn: functionArn });
  const runtime = properties.optionalText("Runtime") ?? "a container image";
  const unable = whyNot(resource, runtime, deployment);
  if (unable !== undefined) {
    reportMissing(deployment, resource, `${name} is never invoked: ${unable}`);
    deployment.idleFunctions.add(name);
    return result;
  }
  const role = properties.optionalText("Role") ?? "";
  if (role !== "" && !deployment.policies.roles.has(role))
    reportMissing(deployment, resource, `its role ${role} is not of these templates: it may do everything here`);
  const reservedConcurrency = properties.number("ReservedConcurrentExecutions");
  const deadLetterTarget = properties.group("DeadLetterConfig").optionalText("TargetArn");
  deployment.functions.set(name, {
    role,
    qualifiers: new Map(),
    asyncConfigs: new Map(),
    urls: [],
    ...(deadLetterTarget === undefined ? {} : { deadLetterTarget }),
    config: {
      name,
      arn: functionArn,
      runtime,
      handler: properties.text("Handler"),
      codeDirectory: codeDirectory(resource, deployment),
      layers: layersOf(resource, deployment),
      projects: deployment.projects,
      environment: variables(resource),
      timeoutSeconds: properties.number("Timeout") ?? DEFAULT_TIMEOUT_SECONDS,
      memoryMegabytes: properties.number("MemorySize") ?? DEFAULT_MEMORY_MEGABYTES,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    },
  });
  return result;
}

/** Why a function cannot run here; undefined where it can. */
function whyNot({ properties }: Resource, runtime: string, { assets }: Deployment): string | undefined {
  if (!runtime.startsWith("nodejs")) return `functions run on Node.js here, not on ${runtime}`;
  const key = properties.group("Code").optionalText("S3Key");
  return key === undefined || assets.has(key) ? undefined : `its code, ${key}, is no asset of the assembly`;
}

function codeDirectory(resource: Resource, { code }: Deployment): string {
  const { properties } = resource;
  const source = properties.group("Code").optionalText("ZipFile");
  return source === undefined ? code.ofAsset(properties.group("Code").text("S3Key"), ownerOf(resource)) : code.ofSource(source);
}

/** The folders of a function's layers, in their order; one that is not of the app is reported and left out. */
function layersOf(resource: Resource, deployment: Deployment): string[] {
  return resource.properties.list("Layers").flatMap((layerArn) => {
    const folder = deployment.layers.get(String(layerArn));
    if (folder !== undefined) return [folder];
    reportMissing(deployment, resource, `it runs without the layer ${String(layerArn)}, which the app does not have`);
    return [];
  });
}

function layerVersion(resource: Resource, deployment: Deployment): Created {
  const { properties } = resource;
  const layerArn = arn("lambda", `layer:${physicalName(resource, "LayerName", LONGEST_LAYER_NAME)}:1`);
  const key = properties.group("Content").text("S3Key");
  deployment.layers.set(layerArn, deployment.code.ofAsset(key, ownerOf(resource)));
  return created(layerArn, { LayerVersionArn: layerArn });
}

function variables({ properties }: Resource): Record<string, string> {
  const values = properties.group("Environment").raw("Variables");
  return isRecord(values) ? Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])) : {};
}

function ownerOf({ logicalId, stack }: Resource): string {
  return `${logicalId} in stack ${stack}`;
}
