import { CloudError } from "../shared/errors.ts";

/** AWSCloudFormation/latest/UserGuide/cloudformation-limits: "Resources". */
const RESOURCES = 500;

/** How deep a template may be nested: far beyond what any construct writes, and within what a call stack can walk through. */
const DEEPEST = 200;

/** How many names of a place are shown. */
const SHOWN = 8;

/**
 * Refuses a template that cannot be walked through, or that CloudFormation would not take.
 *
 * @throws CloudError that names the stack and the place
 */
export function checkLimits(document: Readonly<Record<string, unknown>>, stackName: string): void {
  const { Resources: resources } = document;
  const count = Object.keys(typeof resources === "object" && resources !== null ? resources : {}).length;
  if (count > RESOURCES)
    throw new CloudError(`Stack ${stackName} has ${count} resources: CloudFormation takes ${RESOURCES}. Divide it.`);
  const open: Part[] = [{ value: document, name: "", above: undefined, depth: 0 }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (typeof part.value !== "object" || part.value === null) continue;
    if (part.depth > DEEPEST)
      throw new CloudError(
        `Stack ${stackName} is nested more than ${DEEPEST} levels deep, at ${placeOf(part)}: no such template can be deployed.`,
      );
    for (const [name, value] of Object.entries(part.value)) open.push({ value, name, above: part, depth: part.depth + 1 });
  }
}

interface Part {
  readonly value: unknown;
  readonly name: string;
  readonly above: Part | undefined;
  readonly depth: number;
}

function placeOf(deepest: Part): string {
  const names: string[] = [];
  for (let part: Part = deepest; part.above !== undefined; part = part.above) names.unshift(part.name);
  return `${names.slice(0, SHOWN).join(".")}...`;
}
