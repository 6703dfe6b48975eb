import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { TopicDefinition } from "./topic.ts";
import { checkEvent } from "./definition-checks.ts";

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
  /** The shape of the data, by any library that implements Standard Schema (valibot here). */
  readonly schema: StandardSchemaV1<unknown, Data>;
  /** What the event is about (CloudEvents `subject`): an order's id, for example. */
  readonly subject: (data: Data) => string;
  /** Valid data, as a reader would like to see it. */
  readonly example: Data;
  /**
   * Whose event it is, where many tenants share a standard topic: none of them can fill a service's queue to the others' harm
   * (fair queues; AWSSimpleQueueService, "Amazon SQS fair queues"). Not on a FIFO topic, whose groups are the subjects.
   */
  readonly tenant?: (data: Data) => string | undefined;
  /** Older versions that a consumer of this one understands; see `upcastFrom`. */
  readonly upcasts?: readonly Upcast<Data>[];
}

/** How data of an older version becomes data of a newer one. */
export interface Upcast<Data> {
  readonly from: AnyEventDefinition;
  // oxlint-disable-next-line typescript/no-explicit-any -- typed by `upcastFrom`: the older version's data
  readonly convert: (data: any) => Data;
}

/** The data that a definition's events carry. */
export type DataOf<Definition> = Definition extends EventDefinition<EventType, infer Data> ? Data : never;

/** An event of unknown data: what a list of definitions holds. */
// oxlint-disable-next-line typescript/no-explicit-any -- `subject` is contravariant in Data: no other type accepts every definition
export type AnyEventDefinition = EventDefinition<EventType, any>;

/**
 * Declares an event.
 *
 * @throws Error when the type is not of the form `order.placed.v1`, it has a tenant on a FIFO topic, or an upcast is not from an older version of the event.
 */
export function defineEvent<const Type extends EventType, Schema extends StandardSchemaV1>(
  definition: Omit<EventDefinition<Type, StandardSchemaV1.InferOutput<Schema>>, "schema"> & { readonly schema: Schema },
): EventDefinition<Type, StandardSchemaV1.InferOutput<Schema>> {
  DEFINITION_CHECKS: checkEvent(definition);
  return definition;
}
