import { isRecord } from "../shared/json.ts";
import type { Section } from "../assembly/template.ts";
import { referencesOf } from "./expressions/references.ts";
import { created, type Created, type Resource, type ResourceHandler } from "./resource.ts";
import { missingResource } from "./unserved.ts";

const quiet: ResourceHandler = ({ logicalId }) => created(logicalId);

/**
 * The custom resources that the CDK itself brings along, but for those that a service knows. On AWS a function of the CDK's sets them up
 * during the deployment; what has no meaning on one machine is left out here.
 */
export const cdkCustomResources: Readonly<Record<string, ResourceHandler>> = {
  "Custom::LogRetention": ({ logicalId, properties }) =>
    created(logicalId, { LogGroupName: properties.optionalText("LogGroupName") ?? logicalId }),
  "Custom::S3AutoDeleteObjects": quiet,
  "Custom::ECRAutoDeleteImages": quiet,
  "Custom::VpcRestrictDefaultSG": quiet,
  "Custom::CDKBucketDeployment": bucketDeployment,
  "Custom::AWS": (resource) =>
    missingResource(resource, "its call of the AWS API is not made: what it would set up or look up is not there"),
};

/** A custom resource that a function of the user's own would set up. */
export function customResource(resource: Resource): Created {
  const token = resource.properties.optionalText("ServiceToken") ?? "its provider";
  const provider = token.slice(token.lastIndexOf(":") + 1);
  return missingResource(resource, `${provider} is not called: what it would set up is not there`);
}

/**
 * The logical ids of the functions that serve the CDK's own custom resources alone: nothing calls them here.
 *
 * @param isKnown whether a type has a handler
 */
export function cdkHelpers(resources: Section, isKnown: (type: string) => boolean): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const { Type: type, Properties: properties } of Object.values(resources)) {
    const token = isRecord(properties) ? properties["ServiceToken"] : undefined;
    for (const provider of referencesOf(token)) users.set(provider, [...(users.get(provider) ?? []), String(type)]);
  }
  return new Set([...users].filter(([, types]) => types.every(isKnown)).map(([logicalId]) => logicalId));
}

function bucketDeployment(resource: Resource): Created {
  const bucket = resource.properties.optionalText("DestinationBucketName") ?? "its bucket";
  return missingResource(resource, `its files are not copied: ${bucket} starts empty`);
}
