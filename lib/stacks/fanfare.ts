import { type App, Tags } from "aws-cdk-lib/core";
import type { ServiceDefinition } from "../contracts/service.ts";
import { topicsOf } from "../contracts/topic.ts";
import type { Bundle } from "../constructs/function/bundle.ts";
import { StageNames } from "../constructs/names.ts";
import { BackboneStack } from "./backbone-stack.ts";
import { OperationsStack } from "./operations-stack.ts";
import { ServiceStack } from "./service-stack.ts";
import type { Stage } from "./stage.ts";

/** A service, and the code that runs it. */
export interface BundledService {
  readonly definition: ServiceDefinition;
  readonly bundle: Bundle;
}

/**
 * Adds one stage of the system to an app: the backbone with every topic that a service consumes from or publishes to, one stack
 * per service, and the operations stack. The templates name no account or region: they fit any, and are the same on every
 * machine.
 *
 * @throws ConfigurationError when a service requires what AWS does not offer.
 */
export function addFanfare(app: App, stage: Stage, services: readonly BundledService[]): void {
  const names = new StageNames(stage.name);
  const definitions = services.map(({ definition }) => definition);
  const topics = topicsOf(definitions.flatMap(({ consumes, publishes }) => [...consumes, ...publishes]));
  const common = { names, terminationProtection: stage.keepsData };

  const backbone = new BackboneStack(app, names.backboneStack, {
    ...common,
    stage,
    topics,
    description: `Fanfare, stage ${stage.name}: the topics.`,
  });
  for (const { definition, bundle } of services) {
    const stack = new ServiceStack(app, names.service(definition).stack, {
      ...common,
      stage,
      definition,
      bundle,
      description: `Fanfare, stage ${stage.name}: ${definition.name}. ${definition.description}`,
    });
    Tags.of(stack).add("service", definition.name);
    // The first deployment needs the backbone's SSM parameters; CloudFormation does not see that dependency.
    stack.addStackDependency(backbone);
  }
  new OperationsStack(app, names.operationsStack, {
    ...common,
    topics,
    services: definitions,
    description: `Fanfare, stage ${stage.name}: the dashboard.`,
  });
  Tags.of(app).add("application", "fanfare");
  Tags.of(app).add("stage", stage.name);
}
