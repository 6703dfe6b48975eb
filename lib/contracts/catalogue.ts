import type { AnyEventDefinition } from "./event.ts";
import type { ServiceDefinition } from "./service.ts";
import { type TopicDefinition, topicsOf } from "./topic.ts";

/** Everything that the documents on events are made of: who publishes what, and who consumes it. */
export interface Catalogue {
  /** In the order of their types. */
  readonly events: readonly AnyEventDefinition[];
  /** In the order of their names. */
  readonly services: readonly ServiceDefinition[];
}

/** Who publishes the events that no service publishes: the shop, an import, anything outside. */
export const PRODUCERS = "producers";

/** One that publishes or consumes events of one topic. */
export interface Participant {
  /** A service's name, or {@link PRODUCERS}. */
  readonly name: string;
  readonly description: string;
  readonly topic: TopicDefinition;
  readonly events: readonly AnyEventDefinition[];
}

/**
 * Sorts events and services, so that documents made of them do not depend on the order in which they were found.
 *
 * @throws Error when two events have one type, or a service names an event that is not among the events.
 */
export function catalogueOf(events: readonly AnyEventDefinition[], services: readonly ServiceDefinition[]): Catalogue {
  const types = new Set<string>();
  for (const { type } of events) {
    if (types.has(type)) throw new Error(`event ${type} is defined twice: expected one definition per type and version`);
    types.add(type);
  }
  for (const service of services) {
    const unknown = [...service.consumes, ...service.publishes].find(({ type }) => !types.has(type));
    if (unknown) throw new Error(`service ${service.name}: names ${unknown.type}, which events/index.ts does not export`);
  }
  return {
    events: events.toSorted((a, b) => compare(a.type, b.type)),
    services: services.toSorted((a, b) => compare(a.name, b.name)),
  };
}

/** The topics of a catalogue's events, in the order of their names. */
export function topics({ events }: Catalogue): TopicDefinition[] {
  return topicsOf(events).toSorted((a, b) => compare(a.name, b.name));
}

/** Who publishes to each topic, the outside first. */
export function publishers(catalogue: Catalogue): Participant[] {
  const byServices = new Set(catalogue.services.flatMap(({ publishes }) => publishes.map(({ type }) => type)));
  const outside = catalogue.events.filter(({ type }) => !byServices.has(type));
  return [
    ...participants(PRODUCERS, "Whoever publishes from outside: the shop, an import.", outside),
    ...catalogue.services.flatMap(({ name, description, publishes }) => participants(name, description, publishes)),
  ];
}

/** Who consumes from each topic. */
export function consumers({ services }: Catalogue): Participant[] {
  return services.flatMap(({ name, description, consumes }) => participants(name, description, consumes));
}

function participants(name: string, description: string, events: readonly AnyEventDefinition[]): Participant[] {
  const sorted = events.toSorted((a, b) => compare(a.type, b.type));
  return topicsOf(sorted)
    .toSorted((a, b) => compare(a.name, b.name))
    .map((topic) => ({ name, description, topic, events: sorted.filter((event) => event.topic === topic) }));
}

/** By code units, the same on every machine: a locale's order is not. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
