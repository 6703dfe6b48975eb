import type { Stack } from "./assembly.ts";

/**
 * Stacks so that each comes after those it depends on: those that the assembly names, and those that write an SSM
 * parameter which it reads. The latter an assembly does not know, since such stacks deploy by themselves.
 */
export function stacksInOrder(stacks: readonly Stack[]): Stack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const writers = new Map(stacks.flatMap((stack) => writtenParameters(stack).map((name): [string, Stack] => [name, stack])));
  const ordered = new Set<Stack>();
  const open = new Set<Stack>();
  const visit = (stack: Stack) => {
    // A circle of readers and writers has no order: the one met first goes last, and its missing parameter is reported.
    if (open.has(stack)) return;
    open.add(stack);
    for (const id of stack.dependencies) visitIfAny(byId.get(id));
    for (const name of readParameters(stack)) visitIfAny(writers.get(name));
    ordered.add(stack);
  };
  const visitIfAny = (stack: Stack | undefined) => {
    if (stack) visit(stack);
  };
  for (const stack of stacks) visit(stack);
  return [...ordered];
}

function readParameters({ template }: Stack): string[] {
  return Object.values(template.parameters).flatMap(({ Type: type, Default: name }) =>
    String(type).startsWith("AWS::SSM::Parameter::Value") && typeof name === "string" ? [name] : [],
  );
}

/** The names that are plain text; one that is put together by an expression only the deployment knows. */
function writtenParameters({ template }: Stack): string[] {
  return Object.values(template.resources).flatMap(({ Type: type, Properties: properties }) => {
    if (type !== "AWS::SSM::Parameter" || typeof properties !== "object" || properties === null) return [];
    return "Name" in properties && typeof properties.Name === "string" ? [properties.Name] : [];
  });
}
