import type { CloudAssembly, Stack } from "../assembly/assembly.ts";
import type { Section } from "../assembly/template.ts";
import { Conditions } from "./expressions/conditions.ts";
import { Place } from "./expressions/place.ts";
import { CloudError, messageOf } from "../shared/errors.ts";
import { holds, resolve } from "./expressions/intrinsics.ts";
import { asText, isRecord } from "../shared/json.ts";
import { NESTED_STACK, nestedStack } from "./nested-stack.ts";
import { resourcesInOrder } from "./resource-order.ts";
import { cdkHelpers } from "./cdk-custom-resources.ts";
import type { ResourceHandlers } from "./handlers.ts";
import { Properties } from "./properties.ts";
import type { Created, MissingResource, Resource } from "./resource.ts";
import { silentResource, standInFor } from "./unserved.ts";
import { checkRules } from "./rules.ts";
import { stackArn, type Scope } from "./expressions/scope.ts";
import { stacksInOrder } from "../assembly/stack-order.ts";
import { parameterValues } from "./template-parameters.ts";

/** What an assembly is provisioned with. */
export interface Provisioning {
  readonly handlers: ResourceHandlers;
  /** By the user: parameters of templates and of SSM, exports of other apps. */
  readonly given: Readonly<Record<string, string>>;
  /** The value of an SSM parameter. */
  readonly ssm: (name: string) => string | undefined;
  /** Folder or file of each asset, by its object key. */
  readonly assets: ReadonlyMap<string, string>;
  /** Takes each part of a template that does not run here. */
  readonly onMissing: (missing: MissingResource) => void;
}

/** What one stack leaves for the next. */
interface Shared {
  readonly exports: Map<string, unknown>;
  readonly outputs: Map<string, unknown>;
  /** How many there have been. */
  nestedStacks: number;
}

/** AWSCloudFormation/latest/UserGuide/cloudformation-limits: "Stacks". */
const MOST_STACKS = 2_000;

/**
 * Creates every resource of an assembly, or brings it up to date where a kept state has it already.
 *
 * @throws CloudError in one line that names stack and resource.
 */
export async function provision(assembly: CloudAssembly, provisioning: Provisioning): Promise<void> {
  const { given } = provisioning;
  // What stacks of other apps export can be given like any parameter.
  const shared: Shared = { exports: new Map(Object.entries(given)), outputs: new Map(), nestedStacks: 0 };
  for (const stack of stacksInOrder(assembly.stacks)) await provisionStack(stack, provisioning, shared, given);
}

/**
 * @param given parameters by the user; a nested stack has those of its parent alone
 * @param lineage the templates that a nested stack stands in, its own last
 * @returns the stack's outputs
 */
async function provisionStack(
  stack: Stack,
  provisioning: Provisioning,
  shared: Shared,
  given: Readonly<Record<string, string>>,
  lineage: readonly string[] = [],
): Promise<ReadonlyMap<string, unknown>> {
  const { template, name } = stack;
  const { handlers, onMissing, ssm } = provisioning;
  const created = new Map<string, Created>();
  const place = new Place();
  const { resources } = template;
  const helpers = cdkHelpers(resources, handlers.isKnown);
  const scope: Scope = {
    stackName: name,
    parameters: parameterValues(stack, { ssm, given }),
    mappings: template.mappings,
    conditions: new Conditions(template.conditions, name),
    place,
    created,
    ...shared,
    ssm,
    standIn: (logicalId, attribute) => {
      const identity = { stack: name, logicalId, type: typeOf(resources, logicalId) };
      const value = standInFor(identity, attribute);
      onMissing({ ...identity, consequence: `its attribute ${attribute} is not known here: ${value} stands in` });
      return value;
    },
  };
  checkRules(template.rules, scope);
  for (const logicalId of resourcesInOrder(resources, name)) {
    const definition = resources[logicalId] ?? {};
    if (!place.naming(name, [logicalId, "Condition"], () => isWanted(definition, scope))) continue;
    const resolved = place.naming(name, [logicalId], () => resolve(definition["Properties"] ?? {}, scope));
    const properties = new Properties(isRecord(resolved) ? resolved : {}, `${logicalId} in stack ${name}`);
    const identity = { stack: name, logicalId, type: String(definition["Type"]) };
    const report = (consequence: string) => onMissing({ ...identity, consequence });
    const resource: Resource = { ...identity, properties, report };
    created.set(
      logicalId,
      helpers.has(logicalId) ? silentResource(resource) : await createResource(resource, provisioning, shared, lineage),
    );
  }
  return collectOutputs(stack, scope, shared);
}

async function createResource(
  resource: Resource,
  provisioning: Provisioning,
  shared: Shared,
  lineage: readonly string[],
): Promise<Created> {
  try {
    if (resource.type === NESTED_STACK) return await createNested(resource, provisioning, shared, lineage);
    return await provisioning.handlers.for(resource.type)(resource);
  } catch (error) {
    if (error instanceof CloudError) throw error;
    const { logicalId, stack, type } = resource;
    throw new CloudError(`${logicalId} in stack ${stack} (${type}) cannot be created: ${messageOf(error)}`, { cause: error });
  }
}

async function createNested(
  resource: Resource,
  provisioning: Provisioning,
  shared: Shared,
  lineage: readonly string[],
): Promise<Created> {
  const { stack, file } = nestedStack(resource, provisioning.assets, lineage);
  if (++shared.nestedStacks > MOST_STACKS)
    throw new CloudError(
      `${resource.logicalId} in stack ${resource.stack} is nested stack number ${shared.nestedStacks}: an account has ${MOST_STACKS} at most.`,
    );
  const outputs = await provisionStack(stack, provisioning, shared, {}, [...lineage, file]);
  return {
    ref: stackArn(stack.name),
    attribute: (name) => (name.startsWith("Outputs.") ? outputs.get(name.slice("Outputs.".length)) : undefined),
  };
}

function typeOf(resources: Section, logicalId: string): string {
  return Object.hasOwn(resources, logicalId) ? String(resources[logicalId]?.["Type"]) : "";
}

function isWanted(definition: Readonly<Record<string, unknown>>, scope: Scope): boolean {
  const condition = definition["Condition"];
  return typeof condition !== "string" || holds(condition, scope);
}

function collectOutputs({ name, template }: Stack, scope: Scope, { exports, outputs }: Shared): ReadonlyMap<string, unknown> {
  const own = new Map<string, unknown>();
  const { place } = scope;
  for (const [outputName, output] of Object.entries(template.outputs)) {
    const at = ["Outputs", outputName];
    if (!place.naming(name, [...at, "Condition"], () => isWanted(output, scope))) continue;
    const value = place.naming(name, [...at, "Value"], () => resolve(output["Value"], scope));
    own.set(outputName, value);
    outputs.set(`${name}.${outputName}`, value);
    const { Export: exportAs } = output;
    const exported = isRecord(exportAs)
      ? place.naming(name, [...at, "Export", "Name"], () => resolve(exportAs["Name"], scope))
      : undefined;
    if (exported !== undefined) exports.set(asText(exported), value);
  }
  return own;
}
