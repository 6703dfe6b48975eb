import { CloudError } from "../shared/errors.ts";
import { asText } from "../shared/json.ts";
import { referencesOf } from "./expressions/references.ts";
import type { Section } from "../assembly/template.ts";

/**
 * The logical ids of a stack's resources, each after those that it refers to or depends on.
 *
 * @throws CloudError where they refer in a circle; it names the circle.
 */
export function resourcesInOrder(resources: Section, stackName: string): string[] {
  const ordered = new Set<string>();
  const open: string[] = [];
  const visit = (logicalId: string) => {
    const definition = Object.hasOwn(resources, logicalId) ? resources[logicalId] : undefined;
    if (definition === undefined || ordered.has(logicalId)) return;
    if (open.includes(logicalId)) {
      const circle = [...open.slice(open.indexOf(logicalId)), logicalId].join(" → ");
      throw new CloudError(`Stack ${stackName} refers in a circle, at ${logicalId}: no order can create it (${circle}).`);
    }
    open.push(logicalId);
    for (const other of [...explicit(definition["DependsOn"]), ...referencesOf(definition["Properties"])]) visit(other);
    open.pop();
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId);
  return [...ordered];
}

function explicit(dependsOn: unknown): string[] {
  if (dependsOn === undefined) return [];
  return Array.isArray(dependsOn) ? dependsOn.map(asText) : [asText(dependsOn)];
}
