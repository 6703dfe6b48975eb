import { posix } from "node:path";
import type { CloudAssembly, Stack } from "./assembly.ts";
import { CloudError } from "../shared/errors.ts";

/**
 * The part of an assembly that holds the stacks named, and those that they depend on; the whole where none is named.
 *
 * @param patterns stacks by path (`Stage/Stack`), name or id, as `cdk deploy` takes them; `*` and `**` stand for any
 * @throws CloudError where a pattern names no stack; it says which there are.
 */
export function selectStacks(assembly: CloudAssembly, patterns: readonly string[]): CloudAssembly {
  if (patterns.length === 0) return assembly;
  const byId = new Map(assembly.stacks.map((stack) => [stack.id, stack]));
  const selected = new Set<Stack>();
  const select = (stack: Stack | undefined) => {
    if (!stack || selected.has(stack)) return;
    selected.add(stack);
    for (const id of stack.dependencies) select(byId.get(id));
  };
  for (const pattern of patterns) {
    const found = assembly.stacks.filter((stack) => matches(stack, pattern));
    if (found.length === 0) {
      const paths = assembly.stacks.map(({ path }) => path).join(", ");
      throw new CloudError(`${assembly.folder} has no stack ${pattern}. There are: ${paths || "none"}.`);
    }
    for (const stack of found) select(stack);
  }
  return { ...assembly, stacks: assembly.stacks.filter((stack) => selected.has(stack)) };
}

function matches({ id, name, path }: Stack, pattern: string): boolean {
  return [path, name, id].some((text) => text === pattern || posix.matchesGlob(text, pattern));
}
