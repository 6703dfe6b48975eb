import type { ServiceDefinition } from "../contracts/service.ts";
import { publishedTypes, understoodTypes } from "../contracts/versions.ts";

/** Who must be deployed before a service's function, so that nothing it publishes is dropped or comes too soon. */
export interface Predecessors {
  /** Services that consume what this one publishes: their queues and subscriptions come first. */
  readonly queues: readonly ServiceDefinition[];
  /** Those of them whose functions come first too. Services that publish to each other have no such order. */
  readonly functions: readonly ServiceDefinition[];
}

/** The services that must be deployed before a service's function, among all services. */
export function predecessorsOf(service: ServiceDefinition, services: readonly ServiceDefinition[]): Predecessors {
  const queues = consumersOf(service, services);
  return { queues, functions: queues.filter((consumer) => !leadsTo(consumer, service, services)) };
}

function consumersOf({ publishes }: ServiceDefinition, services: readonly ServiceDefinition[]): ServiceDefinition[] {
  const types = new Set(publishes.flatMap(publishedTypes));
  return services.filter(({ consumes }) => consumes.flatMap(understoodTypes).some((type) => types.has(type)));
}

/** Whether what a service publishes leads to another service, directly or through others. */
function leadsTo(from: ServiceDefinition, to: ServiceDefinition, services: readonly ServiceDefinition[]): boolean {
  const reached = new Set([from]);
  for (const service of reached) for (const consumer of consumersOf(service, services)) reached.add(consumer);
  return reached.has(to);
}
