import { type App, type Environment, Tags } from "aws-cdk-lib/core";
import type { ServiceDefinition } from "../contracts/service.ts";
import type { Bundle } from "../constructs/function/bundle.ts";
import { StageNames } from "../constructs/names.ts";
import type { BackboneStack } from "./backbone-stack.ts";
import { predecessorsOf } from "./deployment-order.ts";
import { FiltersStack } from "./filters-stack.ts";
import { FunctionStack } from "./function-stack.ts";
import { ServiceStack } from "./service-stack.ts";
import type { Stage } from "./stage.ts";

/** A service, and the code that runs it. */
export interface BundledService {
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
  /** The code of its relay, if it takes requests. */
  readonly relayBundle?: Bundle;
}

export interface ServicesProps {
  readonly stage: Stage;
  readonly services: readonly BundledService[];
  readonly backbone: BackboneStack;
  readonly env: Environment;
}

/** A service's two stacks. */
interface ServiceStacks {
  readonly queues: ServiceStack;
  readonly code: FunctionStack;
}

/** Adds the services' stacks, in the order that docs/deploying.md explains: CloudFormation sees none of these dependencies. */
export function addServices(app: App, props: ServicesProps): void {
  const { stage, services, backbone, env } = props;
  const names = new StageNames(stage.name);
  const stacks = new Map(services.map((service) => [service.definition, addService(app, props, service)]));
  const definitions = [...stacks.keys()];
  const all = [...stacks.values()];
  for (const { queues, code } of all) {
    queues.addStackDependency(backbone);
    code.addStackDependency(queues);
  }
  for (const [definition, { code }] of stacks) {
    const predecessors = predecessorsOf(definition, definitions);
    for (const consumer of predecessors.queues) code.addStackDependency(stacks.get(consumer)!.queues);
    for (const consumer of predecessors.functions) code.addStackDependency(stacks.get(consumer)!.code);
  }
  if (!stage.awaitsFilters) return;
  const filters = new FiltersStack(app, names.filtersStack, {
    names,
    env,
    terminationProtection: stage.keepsData,
    services: definitions,
    description: `Fanfare, stage ${stage.name}: waits until changed filter policies hold.`,
  });
  for (const { queues, code } of all) {
    filters.addStackDependency(queues);
    code.addStackDependency(filters);
  }
}

function addService(app: App, { stage, env }: ServicesProps, { definition, ...bundles }: BundledService): ServiceStacks {
  const names = new StageNames(stage.name);
  const { stack, functionStack } = names.service(definition);
  const about = `Fanfare, stage ${stage.name}: ${definition.name}. ${definition.description}`;
  const common = { names, stage, env, definition, terminationProtection: stage.keepsData };
  const queues = new ServiceStack(app, stack, { ...common, description: about });
  const code = new FunctionStack(app, functionStack, { ...common, ...bundles, description: `${about} The function.` });
  for (const one of [queues, code]) Tags.of(one).add("service", definition.name);
  return { queues, code };
}
