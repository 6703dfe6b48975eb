import type { AnyEntityDefinition } from "./entity.ts";
import { parseEventType } from "./event-type.ts";
import type { AnyEventDefinition } from "./event.ts";
import type { InboxHome } from "./inbox-home.ts";
import { TABLE_INDEXES } from "./limits.ts";
import { checkName, doubled } from "./checks/names.ts";
import { checkRetries } from "./checks/retries.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { checkTopics, topicsOf } from "./topic.ts";
import { understoodTypes } from "./versions.ts";

/** Something that may be personal data, and is logged by choice. */
export type LogDetail = "subject" | "errorMessages";

/** A service as plain data: the constructs deploy it, the runtime runs it, the documents describe it. */
export interface ServiceDefinition<
  Consumed extends readonly AnyEventDefinition[] = readonly AnyEventDefinition[],
  Published extends readonly AnyEventDefinition[] = readonly AnyEventDefinition[],
  Owned extends readonly AnyEntityDefinition[] = readonly AnyEntityDefinition[],
  Queried extends readonly AnyEntityDefinition[] = readonly AnyEntityDefinition[],
> {
  /** The name of its folder in `functions/`: lower case, digits and dashes. */
  readonly name: string;
  /** Its one task, in a sentence. */
  readonly description: string;
  /** The events it handles: its queue receives only these. */
  readonly consumes: Consumed;
  /** The events it may emit: its role may publish only to their topics. */
  readonly publishes: Published;
  /** The kinds of items in its table. */
  readonly owns: Owned;
  /**
   * The kinds of items that its handlers query (`unit.query`): its role may query the table and the indexes that they declare.
   * @default - none
   */
  readonly queries?: Queried;
  /**
   * Where the service remembers the events that it has handled. @default - a record per event, which works for every service
   */
  readonly inbox?: InboxHome;
  /**
   * Names of settings that the operator provides per stage, each as the SSM parameter `/fanfare/<stage>/<service>/<NAME>`. The
   * function gets it as the environment variable `<NAME>`. Not for secrets.
   */
  readonly settings?: readonly string[];
  /**
   * Names of secrets that the operator provides per stage, each as the SSM parameter `/fanfare/<stage>/<service>/<NAME>` of the
   * type SecureString. The function reads one with `secret("<NAME>")`; no template and no environment variable holds its value.
   */
  readonly secrets?: readonly string[];
  /**
   * What the log shows of an event besides ids, types and outcomes, where it is sure not to be personal data: its `subject`, and the
   * `errorMessages` of the handler and of what it calls. A dead letter has its reason in any case. @default - neither
   */
  readonly logs?: readonly LogDetail[];
  /**
   * Lets HTTP handlers, schedules and command lines change the service's state and emit its events: see `requests`. The table gets a
   * stream, and a relay publishes what they emit. Not with FIFO topics: the relay keeps no order between requests. @default false
   */
  readonly takesRequests?: boolean;
  /** Lets the service send e-mail through SES from the stage's sender address, passed in `EMAIL_FROM`. */
  readonly sendsEmail?: boolean;
  /**
   * Gives the service a standard queue although it consumes from FIFO topics: it receives their events in any order, and may
   * consume from standard topics as well. @default false
   */
  readonly unordered?: boolean;
  /**
   * Leaves older versions of an event out where the same event also arrives in a newer version that the service understands, instead
   * of receiving both and handling one. Set it once the subscription has named the newer version for 15 minutes, and take it back in
   * a deployment before one that drops that version: docs/decisions/contract-compatibility.md. @default false
   */
  readonly newestVersionOnly?: boolean;
  /**
   * How long events are retried, for types where the default does not fit: `{ "stock.reserved.v1": { tries: 5, ageHours: 2 } }`.
   * @default 10 tries, 24 hours
   */
  readonly retries?: { readonly [Type in Consumed[number]["type"]]?: RetryPolicy };
  /**
   * Lets a service whose queue does not keep order emit events to FIFO topics, and any service emit them under another subject
   * than that of the event it handles: their order is then not that of the commits. @default false
   */
  readonly publishesUnordered?: boolean;
  /** The function's timeout. @default 30 */
  readonly timeoutSeconds?: number;
  /** Records per invocation, 1 to 10. @default 10 */
  readonly batchSize?: number;
  /** Most concurrent invocations, 2 to 1,000. @default 10 */
  readonly maximumConcurrency?: number;
}

/**
 * Declares a service.
 *
 * @throws Error when the name is not lower case, an event, topic or entity is named twice, an event is consumed in two ways, two
 * versions of one event are published, an entity is queried and not owned, a setting is also a secret, FIFO and standard topics
 * are mixed in one queue, requests emit to a FIFO topic, a retry policy is out of its limits, or events of a FIFO topic would be
 * published in any order.
 */
export function defineService<
  const Consumed extends readonly AnyEventDefinition[],
  const Published extends readonly AnyEventDefinition[],
  const Owned extends readonly AnyEntityDefinition[],
  const Queried extends readonly AnyEntityDefinition[] = readonly [],
>(
  name: string,
  description: string,
  rest: Omit<ServiceDefinition<Consumed, Published, Owned, Queried>, "name" | "description">,
): ServiceDefinition<Consumed, Published, Owned, Queried> {
  const definition = { name, description, ...rest };
  // Checked wherever definitions are loaded, such as synthesis and tests. Bundles drop statements with this label.
  DEFINITION_CHECKS: checkService(definition);
  return definition;
}

/** @throws Error as `defineService` says. */
function checkService(service: ServiceDefinition): void {
  const { name, consumes, publishes, unordered, takesRequests, settings = [], secrets = [], retries = {} } = service;
  checkName("service", name);
  for (const [field, events] of [
    ["consumes", consumes],
    ["publishes", publishes],
  ] as const) {
    const twice = doubled(events.map(({ type }) => type));
    if (twice) throw new Error(`service ${name}: ${field} names ${twice} twice`);
  }
  checkPublishedVersions(name, publishes);
  const ambiguous = doubled(consumes.flatMap(understoodTypes));
  if (ambiguous) {
    throw new Error(`service ${name}: it consumes ${ambiguous} as such and upcast to a newer version: name the newest alone`);
  }
  checkTopics(topicsOf([...consumes, ...publishes]));
  checkEntities(service);
  const both = secrets.find((secret) => settings.includes(secret));
  if (both) throw new Error(`service ${name}: ${both} is among its settings and its secrets: a secret is no setting`);
  const ordered = publishes.find(({ topic }) => topic.fifo);
  if (takesRequests && ordered) {
    throw new Error(
      `service ${name}: it takes requests and publishes ${ordered.type} to the FIFO topic ${ordered.topic.name}: the relay keeps no order between requests, so publish it from a consumer`,
    );
  }
  const kinds = new Set(consumes.map(({ topic }) => topic.fifo === true));
  if (kinds.size > 1 && !unordered) {
    throw new Error(
      `service ${name}: it consumes from FIFO and standard topics, but has one queue: split it, or make it unordered`,
    );
  }
  checkRetries(
    name,
    retries,
    consumes.map(({ type }) => type),
  );
  checkOrder(service);
}

/** @throws Error when handlers that run in any order would publish to a topic that promises one. */
function checkOrder(service: ServiceDefinition): void {
  const { name, consumes, publishes, publishesUnordered = false } = service;
  const event = publishes.find(({ topic }) => topic.fifo);
  if (!event || publishesUnordered || consumes.length === 0 || isOrdered(service)) return;
  throw new Error(
    `service ${name}: it publishes ${event.type} to the FIFO topic ${event.topic.name}, but its own queue keeps no order, so that ` +
      "one subject's events could be published in another order than they were committed: consume from FIFO topics alone, or say " +
      "publishesUnordered: true",
  );
}

/** @throws Error as `defineService` says, about the service's entities. */
function checkEntities({ name, owns, inbox, queries = [] }: ServiceDefinition): void {
  const twice = doubled(owns.map((entity) => entity.name));
  if (twice) throw new Error(`service ${name}: it owns two entities of the name "${twice}", which would share their items`);
  const foreign = queries.find((entity) => !owns.includes(entity));
  if (foreign) throw new Error(`service ${name}: it queries ${foreign.name}, which it does not own: add it to owns`);
  if (inbox && !owns.includes(inbox.entity)) {
    throw new Error(
      `service ${name}: its inbox lies in ${inbox.entity.name} items, which it does not own: add the entity to owns`,
    );
  }
  if (inbox?.entity.expires) {
    throw new Error(
      `service ${name}: its inbox lies in ${inbox.entity.name} items, which expire: the events in them would be forgotten and take effect again`,
    );
  }
  const indexes = indexesOf(owns);
  if (indexes.length > TABLE_INDEXES) {
    throw new Error(`service ${name}: its entities have ${indexes.length} indexes; a table has at most ${TABLE_INDEXES}`);
  }
}

/** The names of the indexes of some entities: entities that use the same name share the table's index. */
export function indexesOf(entities: readonly AnyEntityDefinition[]): string[] {
  return [...new Set(entities.flatMap(({ indexes = {} }) => Object.keys(indexes)))];
}

/** Two versions that are emitted one by one have two ids: who understands both would take one fact for two. */
function checkPublishedVersions(service: string, publishes: readonly AnyEventDefinition[]): void {
  const byName = Map.groupBy(publishes, ({ type }) => parseEventType(type)?.name);
  for (const versions of byName.values()) {
    const [one, other] = versions.map(({ type }) => type);
    if (one === undefined || other === undefined) continue;
    throw new Error(
      `service ${service}: publishes names ${one} and ${other}, two versions of one event: publish the newer one, with \`downcasts\` in its definition`,
    );
  }
}

/** Whether a service's queue is FIFO: it then handles the events of one subject in the order they were published. */
export function isOrdered({ consumes, unordered }: Pick<ServiceDefinition, "consumes" | "unordered">): boolean {
  return !unordered && consumes.some(({ topic }) => topic.fifo);
}
