import type { CloudAssembly, Stack } from "./assembly.ts";
import { CloudError, messageOf } from "./errors.ts";
import { asText, isRecord } from "./json.ts";
import { holds, referencesOf, resolve, type Scope } from "./intrinsics.ts";
import { handlerFor } from "./resources/index.ts";
import { Properties, type Created, type Deployment, type Resource } from "./resources/resource.ts";
import { stacksInOrder } from "./stack-order.ts";
import { parameterValues } from "./template-parameters.ts";

/** What one stack leaves for the next. */
interface Shared {
  readonly exports: Map<string, unknown>;
  readonly outputs: Map<string, unknown>;
}

/**
 * Brings every resource of an assembly into being, or up to date where a kept state has it already.
 *
 * @throws CloudError in one line that names stack and resource.
 */
export async function provision(assembly: CloudAssembly, deployment: Deployment): Promise<void> {
  const shared: Shared = { exports: new Map(), outputs: new Map() };
  for (const stack of stacksInOrder(assembly.stacks)) await provisionStack(stack, deployment, shared);
}

async function provisionStack(stack: Stack, deployment: Deployment, shared: Shared): Promise<void> {
  const { template, name } = stack;
  const created = new Map<string, Created>();
  const scope: Scope = {
    stackName: name,
    parameters: parameterValues(stack, deployment.parameters, deployment.givenParameters),
    mappings: template.mappings,
    conditions: template.conditions,
    created,
    ...shared,
    ssm: (parameter) => deployment.parameters.get(parameter)?.value,
  };
  for (const logicalId of resourcesInOrder(stack)) {
    const definition = template.resources[logicalId] ?? {};
    if (!isWanted(definition, scope)) continue;
    const resolved = resolve(definition["Properties"] ?? {}, scope);
    const properties = new Properties(isRecord(resolved) ? resolved : {}, `${logicalId} in stack ${name}`);
    created.set(
      logicalId,
      await createResource({ stack: name, logicalId, type: String(definition["Type"]), properties }, deployment),
    );
  }
  collectOutputs(stack, scope, shared);
}

async function createResource(resource: Resource, deployment: Deployment): Promise<Created> {
  try {
    return await handlerFor(resource.type)(resource, deployment);
  } catch (error) {
    if (error instanceof CloudError) throw error;
    const { logicalId, stack, type } = resource;
    throw new CloudError(`${logicalId} in stack ${stack} (${type}) cannot be created: ${messageOf(error)}`, { cause: error });
  }
}

function isWanted(definition: Readonly<Record<string, unknown>>, scope: Scope): boolean {
  const condition = definition["Condition"];
  return typeof condition !== "string" || holds(condition, scope);
}

/** The logical ids of a stack's resources, each after those that it refers to or depends on. */
function resourcesInOrder({ name, template: { resources } }: Stack): string[] {
  const ordered = new Set<string>();
  const open = new Set<string>();
  const visit = (logicalId: string) => {
    const definition = resources[logicalId];
    if (definition === undefined || ordered.has(logicalId)) return;
    if (open.has(logicalId)) throw new CloudError(`Stack ${name} refers in a circle, at ${logicalId}: no order can create it.`);
    open.add(logicalId);
    const dependsOn = definition["DependsOn"] ?? [];
    const explicit = Array.isArray(dependsOn) ? dependsOn.map(asText) : [asText(dependsOn)];
    for (const other of [...explicit, ...referencesOf(definition["Properties"])]) visit(other);
    open.delete(logicalId);
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId);
  return [...ordered];
}

function collectOutputs({ name, template }: Stack, scope: Scope, { exports, outputs }: Shared): void {
  for (const [outputName, output] of Object.entries(template.outputs)) {
    if (!isWanted(output, scope)) continue;
    const value = resolve(output["Value"], scope);
    outputs.set(`${name}.${outputName}`, value);
    const exported = isRecord(output["Export"]) ? resolve(output["Export"]["Name"], scope) : undefined;
    if (exported !== undefined) exports.set(asText(exported), value);
  }
}
