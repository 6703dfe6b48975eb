import { access, keys, requestTags, type Access } from "../../iam/access.ts";
import type { Context } from "../../iam/evaluator/context.ts";
import { isRecord, textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import { parseParameterName } from "./parameter-name.ts";
import { parameterArn } from "./secure-string.ts";

/** SSM's parameters. Service authorization reference, "Actions, resources, and condition keys for AWS Systems Manager" */
export function ssmAccess({ operation, input }: Pick<Call, "operation" | "input">): Access[] {
  const { Name: name, Names: names, Path: path, ResourceId: id } = input;
  const context = contextOf(operation, input);
  const action = `ssm:${operation}`;
  // Each that is there: a member which the operation does not have must not hide the one that it goes by.
  const listed: unknown[] = Array.isArray(names) ? names : [];
  const wanted = [name, id, ...listed].filter((it) => typeof it === "string");
  // A path keeps the slash at its end: so AWS names it when it refuses.
  const resources = [...wanted.map((it) => parameterArn(parseParameterName(it).name)), ...pathArns(path)];
  const accesses = (resources.length === 0 ? ["*"] : resources).map((resource) => access(action, resource, context));
  if (operation !== "PutParameter" || tagsOf(input).size === 0) return accesses;
  return [...accesses, ...resources.map((resource) => access("ssm:AddTagsToResource", resource, context))];
}

function pathArns(path: unknown): string[] {
  const text = textOf(path);
  if (text === undefined) return [];
  return [text.startsWith("arn:") ? text : parameterArn(text)];
}

function contextOf(operation: string, input: Call["input"]): Context {
  const writes = operation === "PutParameter";
  const named = keys({
    "ssm:overwrite": writes ? String(input["Overwrite"] === true) : undefined,
    "ssm:recursive": operation === "GetParametersByPath" ? String(input["Recursive"] === true) : undefined,
    "ssm:policies": writes ? textOf(input["Policies"]) : undefined,
  });
  const ofTags = requestTags(tagsOf(input));
  return (key) => named(key) ?? ofTags(key);
}

function tagsOf({ Tags: tags }: Call["input"]): Map<string, string> {
  const list = Array.isArray(tags) ? tags.filter(isRecord) : [];
  return new Map(list.map(({ Key: key, Value: value }) => [String(key), String(value)]));
}
