/*
 * What a definition must be. The checks run wherever definitions are loaded, synthesis and tests among them, and are left out
 * of bundles, which were synthesized from the same definitions: esbuild drops statements under the label DEFINITION_CHECKS.
 */
import type { AnyEventDefinition, Upcast } from "./event.ts";
import { parseEventType } from "./event-type.ts";
import type { ServiceDefinition } from "./service.ts";
import type { TopicDefinition } from "./topic.ts";

const EVENT_TYPE = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+\.v[1-9][0-9]*$/;
const NAME = /^[a-z][a-z0-9-]*$/;

/** @throws Error when the name has characters other than lower-case letters, digits and dashes. */
export function checkTopic(definition: TopicDefinition): void {
  if (!NAME.test(definition.name)) {
    throw new Error(`topic name "${definition.name}": expected lower-case letters, digits and dashes, like orders`);
  }
}

/** @throws Error as `defineEvent` says. */
export function checkEvent(definition: AnyEventDefinition): void {
  if (!EVENT_TYPE.test(definition.type)) {
    throw new Error(
      `event type "${definition.type}": expected <thing>.<what happened>.v<version> in lower case, like order.placed.v1`,
    );
  }
  if (definition.tenant && definition.topic.fifo) {
    throw new Error(
      `event type "${definition.type}": a tenant on the FIFO topic ${definition.topic.name}: its groups are the subjects`,
    );
  }
  for (const upcast of definition.upcasts ?? []) {
    const reason = whyNotUpcast(definition, upcast);
    if (reason) throw new Error(`event type "${definition.type}": it cannot upcast ${upcast.from.type}: ${reason}`);
  }
}

/** @throws Error as `defineService` says. */
export function checkService({ name, consumes, publishes, unordered }: ServiceDefinition): void {
  if (!NAME.test(name)) {
    throw new Error(`service name "${name}": expected lower-case letters, digits and dashes, like orders`);
  }
  for (const [field, events] of [
    ["consumes", consumes],
    ["publishes", publishes],
  ] as const) {
    const types = events.map((event) => event.type);
    const twice = types.find((type, index) => types.indexOf(type) !== index);
    if (twice) throw new Error(`service ${name}: ${field} names ${twice} twice`);
  }
  const kinds = new Set(consumes.map(({ topic }) => topic.fifo === true));
  if (kinds.size > 1 && !unordered) {
    throw new Error(
      `service ${name}: it consumes from FIFO and from standard topics, and has one queue: split it, or let it be unordered`,
    );
  }
}

/** Why an upcast cannot be: another topic or event, or no older version. Undefined when it can. */
function whyNotUpcast(
  { type, topic }: Pick<AnyEventDefinition, "type" | "topic">,
  { from }: Upcast<unknown>,
): string | undefined {
  const [older, newer] = [parseEventType(from.type), parseEventType(type)];
  if (from.topic !== topic) return `it belongs to the topic ${from.topic.name}, not to ${topic.name}`;
  if (older?.name !== newer?.name) return "it is another event";
  if (older && newer && older.version >= newer.version) return "it is no older version";
  return undefined;
}
