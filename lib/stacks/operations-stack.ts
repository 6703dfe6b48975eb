import { Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { indexesOf, type ServiceDefinition } from "../contracts/service.ts";
import { type TopicDefinition, topicsOf } from "../contracts/topic.ts";
import type { StageNames } from "../constructs/names.ts";
import { topicAlarmNames } from "../constructs/monitoring/topic-alarms.ts";
import { StageDashboard } from "../constructs/monitoring/stage-dashboard.ts";

export interface OperationsStackProps extends StackProps {
  readonly names: StageNames;
  readonly topics: readonly TopicDefinition[];
  readonly services: readonly ServiceDefinition[];
}

/** The stage's dashboard. The alarms are in the stacks of the services they watch. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { names, topics, services, ...props }: OperationsStackProps) {
    super(scope, id, props);
    new StageDashboard(this, "Dashboard", {
      names,
      topics,
      topicAlarms: topics.flatMap((topic) => topicAlarmNames(names, topic, services)),
      services: services.map((service) => ({
        names: names.service(service),
        topics: topicsOf(service.consumes),
        indexes: indexesOf(service.owns),
        takesRequests: service.takesRequests === true,
      })),
    });
  }
}
