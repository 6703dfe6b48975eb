import { iamArn } from "../../shared/account.ts";
import { isRecord } from "../../shared/json.ts";
import { created, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import type { Policies } from "../../iam/policies.ts";
import type { Service } from "../service.ts";

const LONGEST_NAME = 64;

/** IAM: roles, and the policies that say what each may do. */
export function iamResources(policies: Policies): Service["resources"] {
  return {
    "AWS::IAM::Role": (resource) => role(resource, policies),
    "AWS::IAM::RolePolicy": (resource) => rolePolicy(resource, policies),
    "AWS::IAM::Policy": (resource) => policy(resource, policies),
    "AWS::IAM::ManagedPolicy": (resource) => managedPolicy(resource, policies),
  };
}

function role(resource: Resource, policies: Policies): Created {
  const { properties } = resource;
  const name = physicalName(resource, "RoleName", LONGEST_NAME);
  const roleArn = iamArn(`role${properties.optionalText("Path") ?? "/"}${name}`);
  policies.addRole(roleArn, tagsOf(resource));
  for (const entry of properties.list("Policies").filter(isRecord)) policies.attach(roleArn, entry["PolicyDocument"], resource);
  for (const managed of properties.list("ManagedPolicyArns").map(String)) policies.attachManaged(roleArn, managed, resource);
  const boundary = properties.optionalText("PermissionsBoundary");
  if (boundary !== undefined) policies.bound(roleArn, boundary, resource);
  return created(name, { Arn: roleArn, RoleId: name });
}

function tagsOf({ properties }: Resource): Map<string, string> {
  const tags = properties.list("Tags").filter(isRecord);
  return new Map(tags.map(({ Key: key, Value: value }) => [String(key).toLowerCase(), String(value)]));
}

/** One policy of one role, kept apart from it. */
function rolePolicy(resource: Resource, policies: Policies): Created {
  const { properties } = resource;
  const name = properties.text("RoleName");
  for (const roleArn of policies.rolesNamed(name)) policies.attach(roleArn, properties.raw("PolicyDocument"), resource);
  return created(`${properties.text("PolicyName")}|${name}`);
}

/** A policy that a template keeps apart from the roles it is for. */
function policy(resource: Resource, policies: Policies): Created {
  const { logicalId, properties } = resource;
  for (const roleArn of rolesOf(resource, policies)) policies.attach(roleArn, properties.raw("PolicyDocument"), resource);
  return created(physicalName(resource, "PolicyName", 128), { Id: logicalId });
}

/** A policy that roles name by its ARN, or that names them. */
function managedPolicy(resource: Resource, policies: Policies): Created {
  const { properties } = resource;
  const name = physicalName(resource, "ManagedPolicyName", 128);
  const policyArn = iamArn(`policy${properties.optionalText("Path") ?? "/"}${name}`);
  policies.define(policyArn, properties.raw("PolicyDocument"), resource);
  for (const roleArn of rolesOf(resource, policies)) policies.attachManaged(roleArn, policyArn, resource);
  return created(policyArn, { PolicyArn: policyArn });
}

/** The ARNs of the roles that a policy names. */
function rolesOf({ properties }: Resource, policies: Policies): string[] {
  return properties
    .list("Roles")
    .map(String)
    .flatMap((name) => policies.rolesNamed(name));
}
