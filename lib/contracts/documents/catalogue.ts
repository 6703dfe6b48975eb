import type { AnyEventDefinition } from "../event.ts";
import type { ServiceDefinition } from "../service.ts";
import { checkTopics, type TopicDefinition, topicsOf } from "../topic.ts";
import { publishedTypes, understoodTypes } from "../versions.ts";

/** What the documents about events are made from: who publishes what, and who consumes it. */
export interface Catalogue {
  /** In the order of their types. */
  readonly events: readonly AnyEventDefinition[];
  /** In the order of their names. */
  readonly services: readonly ServiceDefinition[];
}

/** Who publishes the events that no service publishes: the shop, an import, anything outside. */
export const PRODUCERS = "producers";

/** A publisher of events to one topic. */
export interface Participant {
  /** A service's name, or {@link PRODUCERS}. */
  readonly name: string;
  readonly description: string;
  readonly topic: TopicDefinition;
  readonly events: readonly AnyEventDefinition[];
}

/** A service that receives events of one topic: those it consumes, and the older versions it understands. */
export interface Consumer extends Participant {
  readonly service: ServiceDefinition;
}

/**
 * Sorts events and services, so that documents made of them do not depend on the order in which they were found.
 *
 * @throws Error when two events have one type, two topics have one name, or a service, an upcast or a downcast names an event that is
 * not among the events.
 */
export function catalogueOf(events: readonly AnyEventDefinition[], services: readonly ServiceDefinition[]): Catalogue {
  const types = new Set<string>();
  for (const { type } of events) {
    if (types.has(type)) throw new Error(`event ${type} is defined twice: expected one definition per type and version`);
    types.add(type);
  }
  checkTopics(topicsOf(events));
  for (const event of events) {
    const unknown = understoodTypes(event).find((type) => !types.has(type));
    if (unknown) throw new Error(`event ${event.type}: upcasts ${unknown}, which events/index.ts does not export`);
    const written = publishedTypes(event).find((type) => !types.has(type));
    if (written) throw new Error(`event ${event.type}: downcasts to ${written}, which events/index.ts does not export`);
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

/** Who publishes to each topic, outside producers first. */
export function publishers(catalogue: Catalogue): Participant[] {
  const publishedBy = ({ publishes }: ServiceDefinition) => new Set(publishes.flatMap(publishedTypes));
  const byServices = new Set(catalogue.services.flatMap((service) => [...publishedBy(service)]));
  const outside = catalogue.events.filter(({ type }) => !byServices.has(type));
  return [
    ...participants(PRODUCERS, "Whoever publishes from outside: the shop, an import.", outside),
    ...catalogue.services.flatMap((service) => {
      const published = publishedBy(service);
      const events = catalogue.events.filter(({ type }) => published.has(type));
      return participants(service.name, service.description, events);
    }),
  ];
}

/** Who consumes from each topic. */
export function consumers({ events, services }: Catalogue): Consumer[] {
  return services.flatMap((service) => {
    const understood = new Set(service.consumes.flatMap(understoodTypes));
    const received = events.filter(({ type }) => understood.has(type));
    return participants(service.name, service.description, received).map((one) => ({ ...one, service }));
  });
}

/** The version under which a consumer handles an event: the event's own, or a newer one. */
export function handledAs({ service }: Consumer, { type }: AnyEventDefinition): string | undefined {
  return service.consumes.find((event) => understoodTypes(event).includes(type))?.type;
}

function participants(name: string, description: string, events: readonly AnyEventDefinition[]): Participant[] {
  const sorted = events.toSorted((a, b) => compare(a.type, b.type));
  return topicsOf(sorted)
    .toSorted((a, b) => compare(a.name, b.name))
    .map((topic) => ({ name, description, topic, events: sorted.filter((event) => event.topic === topic) }));
}

/** By code units, the same on every machine; a locale's order is not. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
