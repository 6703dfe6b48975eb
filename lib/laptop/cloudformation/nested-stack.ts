import { readJson, type Stack } from "../assembly/assembly.ts";
import { CloudError } from "../shared/errors.ts";
import { isRecord } from "../shared/json.ts";
import type { Resource } from "./resource.ts";
import { templateOf } from "../assembly/template.ts";

/** The type of a stack within a stack. */
export const NESTED_STACK = "AWS::CloudFormation::Stack";

/**
 * The stack that a resource of type AWS::CloudFormation::Stack stands for. Its template is an asset of the assembly.
 *
 * @throws CloudError where the assembly does not have that asset.
 */
export function nestedStack(resource: Resource, assets: ReadonlyMap<string, string>): Stack {
  const { stack, logicalId, properties } = resource;
  const url = properties.text("TemplateURL");
  const file = assets.get(objectKeyOf(url));
  if (file === undefined) {
    throw new CloudError(
      `${logicalId} in stack ${stack} needs the template ${url}, which the assembly does not list. Run cdk synth again.`,
    );
  }
  const parameters = properties.raw("Parameters");
  const name = `${stack}-${logicalId}`;
  return {
    id: name,
    name,
    path: name,
    dependencies: [],
    template: templateOf(readJson(file)),
    parameters: isRecord(parameters) ? parameters : {},
  };
}

/** `https://s3.<region>.<suffix>/<bucket>/<key>`, the form that CDK writes. */
function objectKeyOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+\/[^/]+\//, "");
}
