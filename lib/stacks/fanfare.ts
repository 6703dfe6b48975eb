import { type App, type Environment, Tags } from "aws-cdk-lib/core";
import { checkTopics, topicsOf } from "../contracts/topic.ts";
import { StageNames } from "../constructs/names.ts";
import { BackboneStack } from "./backbone-stack.ts";
import { addServices, type BundledService } from "./add-services.ts";
import { requireDistinctNames } from "../constructs/distinct-names.ts";
import { OperationsStack } from "./operations-stack.ts";
import type { Stage } from "./stage.ts";

/**
 * Adds one stage of the system to an app: the backbone with every topic that a service consumes from or publishes to, two stacks per
 * service, and the operations stack. The templates of a stage that names no account or region fit any, and are the same on every
 * machine.
 *
 * @throws ConfigurationError when a service requires what AWS does not offer, or two resources would have one name; Error when two topics have.
 */
export function addFanfare(app: App, stage: Stage, services: readonly BundledService[]): void {
  const names = new StageNames(stage.name);
  const definitions = services.map(({ definition }) => definition);
  const topics = topicsOf(definitions.flatMap(({ consumes, publishes }) => [...consumes, ...publishes]));
  checkTopics(topics);
  requireDistinctNames(names, topics, definitions);
  const common = { names, env: placeOf(stage), terminationProtection: stage.keepsData };

  const backbone = new BackboneStack(app, names.backboneStack, {
    ...common,
    stage,
    topics,
    services: definitions,
    description: `Fanfare, stage ${stage.name}: the topics.`,
  });
  addServices(app, { stage, services, backbone, env: placeOf(stage) });
  new OperationsStack(app, names.operationsStack, {
    ...common,
    topics,
    services: definitions,
    description: `Fanfare, stage ${stage.name}: the dashboard.`,
  });
  Tags.of(app).add("application", "fanfare");
  Tags.of(app).add("stage", stage.name);
}

/** Where a stage is deployed; what it leaves open, the credentials decide. */
function placeOf({ account, region }: Stage): Environment {
  return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
}
