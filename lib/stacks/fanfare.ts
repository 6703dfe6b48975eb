import { type App, type Environment, Tags } from "aws-cdk-lib/core";
import type { ServiceDefinition } from "../contracts/service.ts";
import { checkTopics, topicsOf } from "../contracts/topic.ts";
import type { Bundle } from "../constructs/function/bundle.ts";
import { StageNames } from "../constructs/names.ts";
import { BackboneStack } from "./backbone-stack.ts";
import { predecessorsOf } from "./deployment-order.ts";
import { FunctionStack } from "./function-stack.ts";
import { OperationsStack } from "./operations-stack.ts";
import { ServiceStack } from "./service-stack.ts";
import type { Stage } from "./stage.ts";

/** A service, and the code that runs it. */
export interface BundledService {
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
  /** The code of its relay, if it takes requests. */
  readonly relayBundle?: Bundle;
}

/**
 * Adds one stage of the system to an app: the backbone with every topic that a service consumes from or publishes to, two stacks per
 * service, and the operations stack. The templates of a stage that names no account or region fit any, and are the same on every
 * machine.
 *
 * @throws ConfigurationError when a service requires what AWS does not offer; Error when two topics have one name.
 */
export function addFanfare(app: App, stage: Stage, services: readonly BundledService[]): void {
  const names = new StageNames(stage.name);
  const definitions = services.map(({ definition }) => definition);
  const topics = topicsOf(definitions.flatMap(({ consumes, publishes }) => [...consumes, ...publishes]));
  checkTopics(topics);
  const common = { names, env: placeOf(stage), terminationProtection: stage.keepsData };

  const backbone = new BackboneStack(app, names.backboneStack, {
    ...common,
    stage,
    topics,
    description: `Fanfare, stage ${stage.name}: the topics.`,
  });
  addServices(app, stage, services, backbone);
  new OperationsStack(app, names.operationsStack, {
    ...common,
    topics,
    services: definitions,
    description: `Fanfare, stage ${stage.name}: the dashboard.`,
  });
  Tags.of(app).add("application", "fanfare");
  Tags.of(app).add("stage", stage.name);
}

/** Adds the services' stacks, in the order that docs/deploying.md explains: CloudFormation sees none of these dependencies. */
function addServices(app: App, stage: Stage, services: readonly BundledService[], backbone: BackboneStack): void {
  const names = new StageNames(stage.name);
  const about = ({ name, description }: ServiceDefinition) => `Fanfare, stage ${stage.name}: ${name}. ${description}`;
  const common = { names, stage, env: placeOf(stage), terminationProtection: stage.keepsData };
  const stacks = new Map(
    services.map(({ definition, ...bundles }) => {
      const service = names.service(definition);
      const queues = new ServiceStack(app, service.stack, { ...common, definition, description: about(definition) });
      const description = `${about(definition)} The function.`;
      const code = new FunctionStack(app, service.functionStack, { ...common, definition, ...bundles, description });
      for (const stack of [queues, code]) Tags.of(stack).add("service", definition.name);
      queues.addStackDependency(backbone);
      code.addStackDependency(queues);
      return [definition, { queues, code }];
    }),
  );
  const definitions = [...stacks.keys()];
  for (const [definition, { code }] of stacks) {
    const predecessors = predecessorsOf(definition, definitions);
    for (const consumer of predecessors.queues) code.addStackDependency(stacks.get(consumer)!.queues);
    for (const consumer of predecessors.functions) code.addStackDependency(stacks.get(consumer)!.code);
  }
}

/** Where a stage is deployed; what it leaves open, the credentials decide. */
function placeOf({ account, region }: Stage): Environment {
  return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
}
