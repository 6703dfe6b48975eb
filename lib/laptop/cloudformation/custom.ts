import { asText, isRecord } from "../shared/json.ts";
import { referencesOf } from "./references.ts";
import type { Section } from "../assembly/template.ts";
import { bucketNotifications } from "../services/s3/bucket-notifications.ts";
import { created, type Created, type Deployment, type Resource, type ResourceHandler } from "./resource.ts";
import { missingResource } from "./unserved.ts";

const quiet: ResourceHandler = ({ logicalId }) => created(logicalId);

/**
 * The custom resources that the CDK itself brings along. On AWS a function of the CDK's, in Node.js or Python, sets them up during the
 * deployment; what it would do is done here directly, and where it has no meaning on one machine, not at all.
 */
export const cdkCustomResources: Readonly<Record<string, ResourceHandler>> = {
  "Custom::LogRetention": ({ logicalId, properties }) =>
    created(logicalId, { LogGroupName: properties.optionalText("LogGroupName") ?? logicalId }),
  "Custom::S3AutoDeleteObjects": quiet,
  "Custom::S3BucketNotifications": bucketNotifications,
  "Custom::ECRAutoDeleteImages": quiet,
  "Custom::VpcRestrictDefaultSG": quiet,
  "Custom::CrossRegionExportWriter": crossRegionWriter,
  "Custom::CrossRegionExportReader": crossRegionReader,
  "Custom::CDKBucketDeployment": bucketDeployment,
  "Custom::AWS": (resource, deployment) =>
    missingResource(resource, deployment, "its call of the AWS API is not made: what it would set up or look up is not there"),
};

/** A custom resource that a function of the user's own would set up. */
export function customResource(resource: Resource, deployment: Deployment): Created {
  const token = resource.properties.optionalText("ServiceToken") ?? "its provider";
  return missingResource(
    resource,
    deployment,
    `${token.slice(token.lastIndexOf(":") + 1)} is not called: what it would set up is not there`,
  );
}

/** The logical ids of the functions that serve the CDK's own custom resources alone: nothing calls them here. */
export function cdkHelpers(resources: Section): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const { Type: type, Properties: properties } of Object.values(resources)) {
    const token = isRecord(properties) ? properties["ServiceToken"] : undefined;
    for (const provider of referencesOf(token)) users.set(provider, [...(users.get(provider) ?? []), String(type)]);
  }
  const helps = ([, types]: [string, string[]]) => types.every((type) => type in cdkCustomResources);
  return new Set([...users].filter(helps).map(([logicalId]) => logicalId));
}

/** Exports for stacks of other regions, which lie in the Parameter Store under their names. */
function crossRegionWriter({ logicalId, properties }: Resource, { parameters }: Deployment): Created {
  const exports = properties.group("WriterProps").raw("exports");
  for (const [name, value] of Object.entries(isRecord(exports) ? exports : {})) parameters.put(name, asText(value));
  return created(logicalId);
}

function crossRegionReader({ logicalId, properties }: Resource): Created {
  const imports = properties.group("ReaderProps").raw("imports");
  return created(logicalId, isRecord(imports) ? imports : {});
}

function bucketDeployment(resource: Resource, deployment: Deployment): Created {
  const bucket = resource.properties.optionalText("DestinationBucketName") ?? "its bucket";
  return missingResource(resource, deployment, `its files are not copied: ${bucket} starts empty`);
}
