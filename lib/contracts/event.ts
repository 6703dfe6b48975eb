import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { TopicDefinition } from "./topic.ts";
import { doubled } from "./checks/names.ts";
import { parseEventType } from "./event-type.ts";
import { validate } from "./validate.ts";
import { type Downcast, understoodTypes, type Upcast } from "./versions.ts";

/** An event's type: `<thing>.<what happened>.v<version>`, as in `order.placed.v1`. */
export type EventType = `${string}.${string}.v${number}`;

/**
 * The contract of one event: its name and version, the shape of its data, and an example that tests and documents use.
 * Made by {@link defineEvent}.
 */
export interface EventDefinition<Type extends EventType = EventType, Data = unknown> {
  readonly type: Type;
  /** The topic that carries the event; its owner owns this contract. */
  readonly topic: TopicDefinition;
  /** One or two sentences: what has happened when this event is published. */
  readonly description: string;
  /** The shape of the data, in any library that implements Standard Schema (valibot here). */
  readonly schema: StandardSchemaV1<unknown, Data>;
  /** What the event is about (CloudEvents `subject`): an order's id, for example. */
  readonly subject: (data: Data) => string;
  /** Valid, realistic data. */
  readonly example: Data;
  /**
   * The event's tenant, if many share a standard topic: a tenant's flood then does not delay the others' events (fair queues;
   * AWSSimpleQueueService, "Amazon SQS fair queues"). Not on a FIFO topic, whose groups are the subjects.
   */
  readonly tenant?: (data: Data) => string | undefined;
  /** Older versions that a consumer of this one understands; see `upcastFrom`. */
  readonly upcasts?: readonly Upcast<Data, AnyEventDefinition>[];
  /** Older versions that are published beside this one, as the same fact, while somebody only knows those; see `downcastTo`. */
  readonly downcasts?: readonly Downcast<Data, AnyEventDefinition>[];
}

/** The data that a definition's events carry. */
export type DataOf<Definition> = Definition extends EventDefinition<EventType, infer Data> ? Data : never;

/** An event definition of any data, for lists of definitions. */
// oxlint-disable-next-line typescript/no-explicit-any -- `subject` is contravariant in Data: no other type accepts every definition
export type AnyEventDefinition = EventDefinition<EventType, any>;

/**
 * Declares an event.
 *
 * @throws Error when the type is not like `order.placed.v1`, it has a tenant on a FIFO topic, an upcast is not from an older version of
 * the event, an older version has two upcasts, or a downcast is not to an older version or makes of the example what that refuses.
 */
export function defineEvent<const Type extends EventType, Schema extends StandardSchemaV1>(
  definition: Omit<EventDefinition<Type, StandardSchemaV1.InferOutput<Schema>>, "schema"> & { readonly schema: Schema },
): EventDefinition<Type, StandardSchemaV1.InferOutput<Schema>> {
  // Checked wherever definitions are loaded, such as synthesis and tests. Bundles drop statements with this label.
  DEFINITION_CHECKS: checkEvent(definition);
  return definition;
}

const EVENT_TYPE = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+\.v[1-9][0-9]*$/;

/** @throws Error as `defineEvent` says. */
function checkEvent(definition: AnyEventDefinition): void {
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
  for (const { from } of definition.upcasts ?? []) {
    const reason = whyNotOlder(definition, from);
    if (reason) throw new Error(`event type "${definition.type}": it cannot upcast ${from.type}: ${reason}`);
  }
  for (const downcast of definition.downcasts ?? []) {
    const reason = whyNotOlder(definition, downcast.to) ?? whyNotPublishable(definition, downcast);
    if (reason) throw new Error(`event type "${definition.type}": it cannot downcast to ${downcast.to.type}: ${reason}`);
  }
  const twice = doubled(understoodTypes(definition));
  if (twice) throw new Error(`event type "${definition.type}": it upcasts ${twice} in two ways: expected one`);
}

/** Why an event is not an older version of another; undefined when it is. */
function whyNotOlder(
  { type, topic }: Pick<AnyEventDefinition, "type" | "topic">,
  from: AnyEventDefinition,
): string | undefined {
  const [older, newer] = [parseEventType(from.type), parseEventType(type)];
  if (from.topic !== topic) return `it belongs to the topic ${from.topic.name}, not to ${topic.name}`;
  if (older?.name !== newer?.name) return "it is another event";
  if (older && newer && older.version >= newer.version) return "it is not an older version";
  return undefined;
}

/** What is wrong with a downcast's copy of the example; undefined when nothing is. */
function whyNotPublishable(
  { example, subject }: AnyEventDefinition,
  { to, convert }: Downcast<unknown, AnyEventDefinition>,
): string | undefined {
  const { schema, type, subject: olderSubject }: AnyEventDefinition = to;
  try {
    const older = validate<unknown>(schema, convert(example), type);
    return olderSubject(older) === subject(example) ? undefined : "the copy of the example has another subject";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
