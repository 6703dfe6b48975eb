import type { AnyEventDefinition } from "../../contracts/event.ts";
import { FILTER_POLICY_COMBINATIONS } from "../../contracts/limits.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { understoodTypes } from "../../contracts/versions.ts";
import { ConfigurationError } from "../configuration-error.ts";

/** A filter policy on message attributes. sns/latest/dg/sns-subscription-filter-policies */
export type FilterPolicy = Readonly<Record<string, unknown>>;

/**
 * Lets the events that a service consumes from one topic through, in every version that it understands. With `newestVersionOnly`, an
 * older version only where no newer one that the service understands is published with it: the attribute `newerVersion` tells.
 *
 * @param consumed the events that the service consumes from the topic
 * @throws ConfigurationError when SNS would find the policy too complex.
 */
export function filterPolicyOf(service: ServiceDefinition, consumed: readonly AnyEventDefinition[]): FilterPolicy {
  const newest = consumed.map(({ type }): string => type);
  const types = [...new Set(consumed.flatMap(understoodTypes))];
  const older = types.filter((type) => !newest.includes(type));
  if (!service.newestVersionOnly || older.length === 0) {
    checkCombinations(service, consumed, types.length);
    return { type: types };
  }
  const noneNewer = [{ exists: false }, { "anything-but": types }];
  // SNS adds the combinations of what `$or` joins, and multiplies within each: sns/latest/dg/and-or-logic
  checkCombinations(service, consumed, newest.length + older.length * (1 + types.length));
  return { $or: [{ type: newest }, { type: older, newerVersion: noneNewer }] };
}

function checkCombinations({ name }: ServiceDefinition, [event]: readonly AnyEventDefinition[], combinations: number): void {
  if (combinations >= 1 && combinations <= FILTER_POLICY_COMBINATIONS) return;
  throw new ConfigurationError(
    `service ${name}: a filter policy of ${combinations} combinations for topic ${event?.topic.name}: SNS takes 1 to ${FILTER_POLICY_COMBINATIONS}; split the service or the topic`,
  );
}
