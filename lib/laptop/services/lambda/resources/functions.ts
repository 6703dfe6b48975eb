import { arn } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import { created, physicalName, type Created, type Resource } from "../../../cloudformation/resource.ts";
import type { Policies } from "../../../iam/policies.ts";
import type { CodeFolders } from "../code/code-folders.ts";
import type { LambdaPlan } from "../plan.ts";
import type { Service } from "../../service.ts";

const LONGEST_NAME = 64;
const LONGEST_LAYER_NAME = 140;
/** Lambda's own defaults (CloudFormation reference, AWS::Lambda::Function). */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MEGABYTES = 128;

/** What functions and layers are made with. */
export interface FunctionMaking {
  readonly plan: LambdaPlan;
  readonly policies: Policies;
  /** Folder or file of each asset, by its object key. */
  readonly assets: ReadonlyMap<string, string>;
  readonly code: CodeFolders;
  /** Folders of the user's projects, where packages are looked for that Lambda would provide. */
  readonly projects: readonly string[];
}

/** Functions, and the layers that lie under their code. */
export function functionResources(making: FunctionMaking): Service["resources"] {
  return {
    "AWS::Lambda::Function": (resource) => lambdaFunction(resource, making),
    "AWS::Lambda::LayerVersion": (resource) => layerVersion(resource, making),
    // A layer is used by functions of the same app alone here.
    "AWS::Lambda::LayerVersionPermission": ({ logicalId }) => created(logicalId),
  };
}

function lambdaFunction(resource: Resource, making: FunctionMaking): Created {
  const { properties } = resource;
  const { plan, policies, projects } = making;
  const name = physicalName(resource, "FunctionName", LONGEST_NAME);
  const functionArn = arn("lambda", `function:${name}`);
  const result = created(name, { Arn: functionArn });
  const runtime = properties.optionalText("Runtime") ?? "a container image";
  const unable = whyNot(resource, runtime, making);
  if (unable !== undefined) {
    resource.report(`${name} is never invoked: ${unable}`);
    plan.idleFunctions.add(name);
    return result;
  }
  const role = properties.optionalText("Role") ?? "";
  if (role !== "" && !policies.roles.has(role))
    resource.report(`its role ${role} is not of these templates: it may do everything here`);
  const reservedConcurrency = properties.number("ReservedConcurrentExecutions");
  const deadLetterTarget = properties.group("DeadLetterConfig").optionalText("TargetArn");
  plan.functions.set(name, {
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
      codeDirectory: codeDirectory(resource, making),
      layers: layersOf(resource, plan),
      projects,
      environment: variables(resource),
      timeoutSeconds: properties.number("Timeout") ?? DEFAULT_TIMEOUT_SECONDS,
      memoryMegabytes: properties.number("MemorySize") ?? DEFAULT_MEMORY_MEGABYTES,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    },
  });
  return result;
}

/** Why a function cannot run here; undefined where it can. */
function whyNot({ properties }: Resource, runtime: string, { assets }: FunctionMaking): string | undefined {
  if (!runtime.startsWith("nodejs")) return `functions run on Node.js here, not on ${runtime}`;
  const key = properties.group("Code").optionalText("S3Key");
  return key === undefined || assets.has(key) ? undefined : `its code, ${key}, is no asset of the assembly`;
}

function codeDirectory(resource: Resource, { code }: FunctionMaking): string {
  const { properties } = resource;
  const source = properties.group("Code").optionalText("ZipFile");
  return source === undefined ? code.ofAsset(properties.group("Code").text("S3Key"), ownerOf(resource)) : code.ofSource(source);
}

/** The folders of a function's layers, in their order; one that is not of the app is reported and left out. */
function layersOf(resource: Resource, { layers }: LambdaPlan): string[] {
  return resource.properties.list("Layers").flatMap((layerArn) => {
    const folder = layers.get(String(layerArn));
    if (folder !== undefined) return [folder];
    resource.report(`it runs without the layer ${String(layerArn)}, which the app does not have`);
    return [];
  });
}

function layerVersion(resource: Resource, { plan, code }: FunctionMaking): Created {
  const { properties } = resource;
  const layerArn = arn("lambda", `layer:${physicalName(resource, "LayerName", LONGEST_LAYER_NAME)}:1`);
  const key = properties.group("Content").text("S3Key");
  plan.layers.set(layerArn, code.ofAsset(key, ownerOf(resource)));
  return created(layerArn, { LayerVersionArn: layerArn });
}

function variables({ properties }: Resource): Record<string, string> {
  const values = properties.group("Environment").raw("Variables");
  return isRecord(values) ? Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])) : {};
}

function ownerOf({ logicalId, stack }: Resource): string {
  return `${logicalId} in stack ${stack}`;
}
