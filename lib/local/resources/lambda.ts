import { statSync } from "node:fs";
import { arn, nameOf } from "../account.ts";
import { CloudError } from "../errors.ts";
import { isRecord } from "../json.ts";
import {
  created,
  physicalName,
  reportMissing,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "./resource.ts";

const LONGEST_NAME = 64;
/** Lambda's own defaults (CloudFormation reference, AWS::Lambda::Function and AWS::Lambda::EventSourceMapping). */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MEGABYTES = 128;
const DEFAULT_BATCH_SIZE = 10;

/** Lambda: functions whose code is a folder, and the mappings that feed them from queues. */
export const lambdaResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::EventSourceMapping": eventSourceMapping,
  "AWS::Lambda::Permission": ({ logicalId }) => created(logicalId),
};

function lambdaFunction(resource: Resource, deployment: Deployment): Created {
  const { properties } = resource;
  const name = physicalName(resource, "FunctionName", LONGEST_NAME);
  const functionArn = arn("lambda", `function:${name}`);
  const result = created(name, { Arn: functionArn });
  const runtime = properties.optionalText("Runtime") ?? "a container image";
  if (!runtime.startsWith("nodejs")) {
    reportMissing(deployment, resource, `it is not invoked: functions run on Node.js here, not on ${runtime}`);
    return result;
  }
  const reservedConcurrency = properties.number("ReservedConcurrentExecutions");
  deployment.functions.set(name, {
    role: properties.optionalText("Role") ?? "",
    config: {
      name,
      arn: functionArn,
      handler: properties.text("Handler"),
      codeDirectory: codeDirectory(resource, deployment),
      environment: variables(resource),
      timeoutSeconds: properties.number("Timeout") ?? DEFAULT_TIMEOUT_SECONDS,
      memoryMegabytes: properties.number("MemorySize") ?? DEFAULT_MEMORY_MEGABYTES,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    },
  });
  return result;
}

function codeDirectory({ logicalId, stack, properties }: Resource, { assets }: Deployment): string {
  const key = properties.group("Code").optionalText("S3Key");
  const owner = `${logicalId} in stack ${stack}`;
  if (key === undefined) throw new CloudError(`${owner} has inline code: expected an asset. Use Code.fromAsset.`);
  const path = assets.get(key);
  if (path === undefined)
    throw new CloudError(`${owner} needs the asset ${key}, which the assembly does not list. Run cdk synth again.`);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CloudError(
      `The code of ${owner} should be the folder ${path}, which is not there. Build the bundles and run cdk synth again.`,
    );
  }
  return path;
}

function variables({ properties }: Resource): Record<string, string> {
  const values = properties.group("Environment").raw("Variables");
  return isRecord(values) ? Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])) : {};
}

function eventSourceMapping(resource: Resource, deployment: Deployment): Created {
  const { logicalId, properties } = resource;
  const queueArn = properties.optionalText("EventSourceArn") ?? "";
  if (!queueArn.includes(":sqs:")) {
    reportMissing(deployment, resource, `nothing is fed from ${queueArn || "its source"}: mappings read queues alone here`);
    return created(logicalId);
  }
  if (properties.raw("FilterCriteria") !== undefined) {
    reportMissing(deployment, resource, "its filter criteria are left out: the function is given every message");
  }
  const maximumConcurrency = properties.group("ScalingConfig").number("MaximumConcurrency");
  // A mapping is on unless its template turns it off.
  if (properties.raw("Enabled") === undefined || properties.flag("Enabled")) {
    deployment.mappings.push({
      queueArn,
      functionName: nameOf(properties.text("FunctionName")),
      batchSize: properties.number("BatchSize") ?? DEFAULT_BATCH_SIZE,
      windowSeconds: properties.number("MaximumBatchingWindowInSeconds") ?? 0,
      reportBatchItemFailures: properties.list("FunctionResponseTypes").includes("ReportBatchItemFailures"),
      ...(maximumConcurrency === undefined ? {} : { maximumConcurrency }),
    });
  }
  return created(logicalId, { Id: logicalId });
}
