import { createHash } from "node:crypto";
import { Stack, type StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { ServiceDefinition } from "../contracts/service.ts";
import { topicsOf } from "../contracts/topic.ts";
import type { StageNames } from "../constructs/names.ts";
import { filterPolicyOf } from "../constructs/queue/filter-policy.ts";
import { FilterPause } from "../constructs/queue/filter-pause.ts";

export interface FiltersStackProps extends StackProps {
  readonly names: StageNames;
  readonly services: readonly ServiceDefinition[];
}

/** Stands between the services' subscriptions and their functions, and waits where a filter policy has changed. */
export class FiltersStack extends Stack {
  constructor(scope: Construct, id: string, { names, services, ...props }: FiltersStackProps) {
    super(scope, id, props);
    new FilterPause(this, "Filters", { names, filters: createHash("sha256").update(allFilters(services)).digest("hex") });
  }
}

/** Every filter policy of a stage as one text, the same in whatever order the services are listed. */
function allFilters(services: readonly ServiceDefinition[]): string {
  const filters = services.flatMap((service) =>
    topicsOf(service.consumes).map((topic) => {
      const consumed = service.consumes.filter((event) => event.topic === topic);
      return JSON.stringify([service.name, topic.name, filterPolicyOf(service, consumed)]);
    }),
  );
  return filters.toSorted().join("\n");
}
