import { iamArn } from "../account.ts";
import { isRecord } from "../json.ts";
import { created, physicalName, type Created, type Deployment, type Resource, type ResourceHandler } from "./resource.ts";

const LONGEST_NAME = 64;

/** IAM: roles, and the policies that say what each may do. */
export const iamResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::IAM::Role": role,
  "AWS::IAM::Policy": policy,
  "AWS::IAM::ManagedPolicy": policy,
};

function role(resource: Resource, { roles }: Deployment): Created {
  const name = physicalName(resource, "RoleName", LONGEST_NAME);
  const roleArn = iamArn(`role/${name}`);
  const inline = resource.properties.list("Policies").filter(isRecord);
  roles.set(
    roleArn,
    inline.map((entry) => entry["PolicyDocument"]),
  );
  return created(name, { Arn: roleArn, RoleId: name });
}

/** A policy that a template keeps apart from the roles it is for. */
function policy(resource: Resource, { roles }: Deployment): Created {
  const { logicalId, properties } = resource;
  for (const name of properties.list("Roles").map(String)) {
    roles.get(iamArn(`role/${name}`))?.push(properties.raw("PolicyDocument"));
  }
  return created(iamArn(`policy/${physicalName(resource, "PolicyName", 128)}`), { Id: logicalId });
}
