import { readJson, type Stack } from "../assembly/assembly.ts";
import { checkLimits } from "../assembly/limits.ts";
import { CloudError } from "../shared/errors.ts";
import { isRecord } from "../shared/json.ts";
import type { Resource } from "./resource.ts";
import { templateOf } from "../assembly/template.ts";

/** The type of a stack within a stack. */
export const NESTED_STACK = "AWS::CloudFormation::Stack";

/**
 * The stack that a resource of type AWS::CloudFormation::Stack stands for. Its template is an asset of the assembly.
 *
 * @param lineage the templates that it stands in
 * @throws CloudError where the assembly does not have that asset, or the stack stands in itself.
 */
export function nestedStack(
  resource: Resource,
  assets: ReadonlyMap<string, string>,
  lineage: readonly string[],
): { readonly stack: Stack; readonly file: string } {
  const { stack, logicalId, properties } = resource;
  const url = properties.text("TemplateURL");
  const file = assets.get(objectKeyOf(url));
  if (file === undefined) {
    throw new CloudError(
      `${logicalId} in stack ${stack} needs the template ${url}, which the assembly does not list. Run cdk synth again.`,
    );
  }
  if (lineage.includes(file))
    throw new CloudError(`${logicalId} in stack ${stack} contains itself: its template ${url} is one that it stands in.`);
  const document = readJson(file);
  checkLimits(document, `${stack}-${logicalId}`);
  const parameters = properties.raw("Parameters");
  const name = `${stack}-${logicalId}`;
  const nested: Stack = {
    id: name,
    name,
    path: name,
    dependencies: [],
    template: templateOf(document),
    parameters: isRecord(parameters) ? parameters : {},
  };
  return { stack: nested, file };
}

/** `https://s3.<region>.<suffix>/<bucket>/<key>`, the form that CDK writes. */
function objectKeyOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+\/[^/]+\//, "");
}
