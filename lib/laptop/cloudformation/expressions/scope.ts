import { account } from "../../shared/account.ts";
import { CloudError } from "../../shared/errors.ts";
import type { Conditions } from "./conditions.ts";
import type { Place } from "./place.ts";
import type { Created } from "../resource.ts";
import type { Section } from "../../assembly/template.ts";

/** What the expressions of one stack's template can refer to. */
export interface Scope {
  readonly stackName: string;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: Section;
  readonly conditions: Conditions;
  /** Of the expression that is being resolved. */
  readonly place: Place;
  /** Resources that exist already, by logical id. */
  readonly created: ReadonlyMap<string, Created>;
  /** Exported outputs of all stacks, by export name. */
  readonly exports: ReadonlyMap<string, unknown>;
  /** Outputs of all stacks, by `<stack>.<output>`. */
  readonly outputs: ReadonlyMap<string, unknown>;
  /** The value of an SSM parameter, for `{{resolve:ssm:...}}`. */
  readonly ssm: (name: string) => string | undefined;
  /** What stands in for an attribute that a resource does not have here. */
  readonly standIn: (logicalId: string, attribute: string) => string;
}

const PSEUDO_PARAMETERS: Readonly<Record<string, unknown>> = {
  "AWS::AccountId": account.id,
  "AWS::Region": account.region,
  "AWS::Partition": account.partition,
  "AWS::URLSuffix": account.urlSuffix,
  "AWS::NotificationARNs": [],
  "AWS::NoValue": undefined,
};

/** The value of `{ "Ref": name }`. @throws CloudError where the stack has nothing of that name. */
export function ref(name: string, scope: Scope): unknown {
  if (Object.hasOwn(PSEUDO_PARAMETERS, name)) return PSEUDO_PARAMETERS[name];
  if (name === "AWS::StackName") return scope.stackName;
  if (name === "AWS::StackId") return stackArn(scope.stackName);
  if (scope.parameters.has(name)) return scope.parameters.get(name);
  return resourceOf(name, scope).ref;
}

/** The value of `{ "Fn::GetAtt": [logicalId, attribute] }`. @throws CloudError where the stack has no such resource. */
export function getAttribute(logicalId: string, attribute: string, scope: Scope): unknown {
  return resourceOf(logicalId, scope).attribute(attribute) ?? scope.standIn(logicalId, attribute);
}

/** `arn:aws:cloudformation:us-east-1:000000000000:stack/<name>/local`. */
export function stackArn(name: string): string {
  return `arn:${account.partition}:cloudformation:${account.region}:${account.id}:stack/${name}/local`;
}

/** A text with its `{{resolve:ssm:...}}` replaced. Secrets are left as they are: no secret is kept here. @throws CloudError */
export function resolveDynamicReferences(text: string, scope: Scope): string {
  if (!text.includes("{{resolve:ssm")) return text;
  return text.replaceAll(/\{\{resolve:ssm(?:-secure)?:([^}:]+)(?::\d+)?\}\}/g, (_, name: string) =>
    known(scope.ssm(name), `Stack ${scope.stackName} needs the SSM parameter ${name}. Give it with --parameter ${name}=value.`),
  );
}

/** @throws CloudError with that message where there is no value. */
export function known<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new CloudError(otherwise);
  return value;
}

function resourceOf(logicalId: string, { created, stackName }: Scope): Created {
  return known(created.get(logicalId), `Stack ${stackName} refers to ${logicalId}, which it does not have.`);
}
