import type { StandardSchemaV1 } from "@standard-schema/spec";
import { validate } from "./validate.ts";

/** Converts data of an older version of an event or entity to a newer one. Made by {@link upcastFrom}. */
export interface Upcast<Data, From> {
  readonly from: From;
  // oxlint-disable-next-line typescript/no-explicit-any -- typed by `upcastFrom`: the older version's data
  readonly convert: (data: any) => Data;
}

/** Converts data of a newer version of an event to an older one. Made by {@link downcastTo}. */
export interface Downcast<Data, To> {
  readonly to: To;
  /** Typed by `downcastTo`: returns the older version's data. */
  readonly convert: (data: Data) => unknown;
}

/** A version of an event, as far as versions are concerned. */
interface EventVersion {
  readonly type: string;
  readonly schema: StandardSchemaV1;
  readonly upcasts?: readonly Upcast<unknown, EventVersion>[];
}

type SchemaOutput<Definition extends { readonly schema: StandardSchemaV1 }> = StandardSchemaV1.InferOutput<
  Definition["schema"]
>;

/**
 * Converts data of an older version, for the `upcasts` of a newer version's definition. A service that consumes the newer
 * version of an event also receives the older one, and its handler only sees the newer one. An item that was stored in an older
 * version of its entity is read as the newer one, and stored as such once a handler puts it.
 *
 * ```ts
 * export const orderPlacedV2 = defineEvent({
 *   type: "order.placed.v2",
 *   upcasts: [upcastFrom(orderPlaced, (data) => ({ ...data, channel: "web" }))],
 *   ...
 * });
 * ```
 */
export function upcastFrom<From extends { readonly schema: StandardSchemaV1 }, Data>(
  from: From,
  convert: (data: SchemaOutput<From>) => Data,
): Upcast<Data, From> {
  return { from, convert };
}

/** The types of events that a consumer of this event understands: its own, and those that its definition upcasts. */
export function understoodTypes(event: Omit<EventVersion, "schema">): string[] {
  return [event.type, ...(event.upcasts ?? []).flatMap(({ from }) => understoodTypes(from))];
}

/**
 * Checks data of one of the understood types, and upcasts it to this event's version.
 *
 * @throws InvalidEventError when it breaks its own version's contract, or when upcast, the newer one's.
 */
export function readAs<Event extends EventVersion>(event: Event, type: string, data: unknown): SchemaOutput<Event>;
export function readAs(event: EventVersion, type: string, data: unknown): unknown {
  const upcast = event.upcasts?.find(({ from }) => understoodTypes(from).includes(type));
  const current: unknown = upcast ? upcast.convert(readAs(upcast.from, type, data)) : data;
  return validate<unknown>(event.schema, current, upcast ? `${event.type}, upcast from ${type}` : type);
}

/**
 * Converts data to an older version, for the `downcasts` of a newer version's definition. Whoever publishes the newer version then
 * publishes the older one with it, as the same event: for as long as somebody only understands that.
 */
export function downcastTo<To extends { readonly schema: StandardSchemaV1 }, Data>(
  to: To,
  convert: (data: Data) => SchemaOutput<To>,
): Downcast<Data, To> {
  return { to, convert };
}

/** The types in which an event is published: its own, and those that its definition downcasts to. */
export function publishedTypes(event: PublishedType): string[] {
  return [event.type, ...(event.downcasts ?? []).flatMap(({ to }) => publishedTypes(to))];
}

interface PublishedType {
  readonly type: string;
  readonly downcasts?: readonly { readonly to: PublishedType }[];
}
