import type { Stack } from "./assembly.ts";
import { isRecord } from "../shared/json.ts";

/**
 * Stacks so that each comes after those it depends on: those that the assembly names, those that write an SSM parameter which it
 * reads, and those that export what it imports. The latter two an assembly does not always know, since such stacks deploy by
 * themselves.
 */
export function stacksInOrder(stacks: readonly Stack[]): Stack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const writers = new Map(stacks.flatMap((stack) => provided(stack).map((name): [string, Stack] => [name, stack])));
  const ordered = new Set<Stack>();
  const open = new Set<Stack>();
  const visit = (stack: Stack) => {
    // A circle of readers and writers has no order: the one met first goes last, and what it misses is reported.
    if (open.has(stack)) return;
    open.add(stack);
    for (const id of stack.dependencies) visitIfAny(byId.get(id));
    for (const name of needed(stack)) visitIfAny(writers.get(name));
    ordered.add(stack);
  };
  const visitIfAny = (stack: Stack | undefined) => {
    if (stack) visit(stack);
  };
  for (const stack of stacks) visit(stack);
  return [...ordered];
}

/** SSM parameters are told apart from exports by a prefix. */
const SSM = "ssm ";
const EXPORT = "export ";

/** Names that are plain text alone; one that is put together by an expression only the deployment knows. */
function provided({ template }: Stack): string[] {
  const parameters = Object.values(template.resources).flatMap(({ Type: type, Properties: properties }) =>
    type === "AWS::SSM::Parameter" && isRecord(properties) ? prefixed(SSM, properties["Name"]) : [],
  );
  const exports = Object.values(template.outputs).flatMap(({ Export: exported }) =>
    isRecord(exported) ? prefixed(EXPORT, exported["Name"]) : [],
  );
  return [...parameters, ...exports];
}

function needed({ template }: Stack): string[] {
  const parameters = Object.values(template.parameters).flatMap(({ Type: type, Default: name }) =>
    String(type).startsWith("AWS::SSM::Parameter::Value") ? prefixed(SSM, name) : [],
  );
  return [...parameters, ...neededBy([template.resources, template.outputs])];
}

/** Exports that an expression imports, and SSM parameters that its texts name. */
function neededBy(value: unknown): string[] {
  if (typeof value === "string") {
    return [...value.matchAll(/\{\{resolve:ssm(?:-secure)?:([^}:]+)/g)].flatMap(([, name]) => prefixed(SSM, name));
  }
  if (Array.isArray(value)) return value.flatMap(neededBy);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, argument]) =>
    name === "Fn::ImportValue" ? prefixed(EXPORT, argument) : neededBy(argument),
  );
}

function prefixed(prefix: string, name: unknown): string[] {
  return typeof name === "string" ? [`${prefix}${name}`] : [];
}
