import { arn } from "../../../shared/account.ts";
import { parseFunctionName } from "../functions/function-name.ts";
import {
  created,
  reportMissing,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "../../../cloudformation/resource.ts";

/** Lambda: versions and aliases. Every version runs the code and the settings of `$LATEST`; only what it is called differs. */
export const lambdaVersionResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Lambda::Version": version,
  "AWS::Lambda::Alias": alias,
};

function version({ properties }: Resource, { functions }: Deployment): Created {
  const { name } = parseFunctionName(properties.text("FunctionName"));
  const qualifiers = functions.get(name)?.qualifiers;
  const versions = [...(qualifiers ?? [])].filter(([qualifier, stands]) => qualifier === stands);
  const number = String(versions.length + 1);
  qualifiers?.set(number, number);
  const versionArn = arn("lambda", `function:${name}:${number}`);
  return created(versionArn, { FunctionArn: versionArn, Version: number });
}

function alias(resource: Resource, deployment: Deployment): Created {
  const { properties } = resource;
  const { name } = parseFunctionName(properties.text("FunctionName"));
  const aliasName = properties.text("Name");
  const stands = properties.text("FunctionVersion");
  if (properties.raw("RoutingConfig") !== undefined)
    reportMissing(deployment, resource, `its routing is left out: version ${stands} gets every invocation`);
  deployment.functions.get(name)?.qualifiers.set(aliasName, stands);
  const aliasArn = arn("lambda", `function:${name}:${aliasName}`);
  return created(aliasArn, { AliasArn: aliasArn });
}
