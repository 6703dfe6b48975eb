import { arn } from "../../shared/account.ts";
import { access, type Access } from "../../iam/access.ts";
import type { Call } from "../call.ts";
import { textOf } from "../../shared/json.ts";

/** SSM's parameters. Service authorization reference, "Actions, resources, and condition keys for AWS Systems Manager" */
export function ssmAccess({ operation, input }: Call): Access[] {
  const { Name: name, Names: names, Path: path, ResourceId: id } = input;
  const single = textOf(name) ?? textOf(path) ?? textOf(id);
  const wanted = Array.isArray(names) ? names.filter((it) => typeof it === "string") : single === undefined ? [] : [single];
  const action = `ssm:${operation}`;
  return wanted.length === 0 ? [access(action, "*")] : wanted.map((it) => access(action, parameterArn(it)));
}

/** A parameter may be named by its ARN, and with a version or label: `/name:3`. */
function parameterArn(name: string): string {
  if (name.startsWith("arn:")) return name;
  return arn("ssm", `parameter/${(name.split(":", 1)[0] ?? "").replace(/^\//, "")}`);
}
