import { arn } from "../../../shared/account.ts";
import { parseFunctionName } from "../functions/function-name.ts";
import { created, type Created, type Resource } from "../../../cloudformation/resource.ts";
import type { Service } from "../../service.ts";
import type { LambdaPlan } from "../plan.ts";

/** Versions and aliases. Every version runs the code and the settings of `$LATEST`; only what it is called differs. */
export function versionResources(plan: LambdaPlan): Service["resources"] {
  return {
    "AWS::Lambda::Version": (resource) => version(resource, plan),
    "AWS::Lambda::Alias": (resource) => alias(resource, plan),
  };
}

function version({ properties }: Resource, { functions }: LambdaPlan): Created {
  const { name } = parseFunctionName(properties.text("FunctionName"));
  const qualifiers = functions.get(name)?.qualifiers;
  const versions = [...(qualifiers ?? [])].filter(([qualifier, stands]) => qualifier === stands);
  const number = String(versions.length + 1);
  qualifiers?.set(number, number);
  const versionArn = arn("lambda", `function:${name}:${number}`);
  return created(versionArn, { FunctionArn: versionArn, Version: number });
}

function alias(resource: Resource, plan: LambdaPlan): Created {
  const { properties } = resource;
  const { name } = parseFunctionName(properties.text("FunctionName"));
  const aliasName = properties.text("Name");
  const stands = properties.text("FunctionVersion");
  if (properties.raw("RoutingConfig") !== undefined)
    resource.report(`its routing is left out: version ${stands} gets every invocation`);
  plan.functions.get(name)?.qualifiers.set(aliasName, stands);
  const aliasArn = arn("lambda", `function:${name}:${aliasName}`);
  return created(aliasArn, { AliasArn: aliasArn });
}
