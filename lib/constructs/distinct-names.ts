import { ConfigurationError } from "./configuration-error.ts";
import type { StageNames } from "./names.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import { type TopicDefinition, topicsOf } from "../contracts/topic.ts";

/**
 * Checks that no two resources of a stage have one name: a service `orders-dlq` beside `orders`, for example. CloudFormation would say
 * so only when the second one is deployed.
 *
 * @throws ConfigurationError that names both owners
 */
export function requireDistinctNames(
  names: StageNames,
  topics: readonly TopicDefinition[],
  services: readonly ServiceDefinition[],
): void {
  const owners = new Map<string, string>();
  const claim = (kind: string, name: string, owner: string): void => {
    const other = owners.get(`${kind} ${name}`);
    if (other !== undefined)
      throw new ConfigurationError(`${other} and ${owner} both have a ${kind} ${name}: rename one of them`);
    owners.set(`${kind} ${name}`, owner);
  };
  for (const stack of [names.backboneStack, names.filtersStack, names.operationsStack]) claim("stack", stack, "the stage");
  claim("function", names.filterPause, "the stage");
  claim("topic", names.alarmTopic, "the stage");
  for (const topic of topics) claim("topic", names.topic(topic), `the topic ${topic.name}`);
  for (const service of services) {
    const own = names.service(service);
    const owner = `the service ${service.name}`;
    for (const stack of [own.stack, own.functionStack]) claim("stack", stack, owner);
    for (const name of [own.function, ...(service.takesRequests ? [own.relay] : [])]) claim("function", name, owner);
    const undelivered = topicsOf(service.consumes).map((topic) => own.undelivered(topic));
    for (const queue of [own.queue, own.deadLetterQueue, ...undelivered]) claim("queue", queue, owner);
  }
}
