import type { AnyEventDefinition, DataOf, Upcast } from "./event.ts";
import { validate } from "./validate.ts";

/**
 * Converts data of an older version, for the `upcasts` of a newer version's definition. A service that consumes the newer
 * version also receives the older one, and its handler only sees the newer one.
 *
 * ```ts
 * export const orderPlacedV2 = defineEvent({
 *   type: "order.placed.v2",
 *   upcasts: [upcastFrom(orderPlaced, (data) => ({ ...data, channel: "web" }))],
 *   ...
 * });
 * ```
 */
export function upcastFrom<From extends AnyEventDefinition, Data>(
  from: From,
  convert: (data: DataOf<From>) => Data,
): Upcast<Data> {
  return { from, convert };
}

/** The types of events that a consumer of this event understands: its own, and those that its definition upcasts. */
export function understoodTypes(event: AnyEventDefinition): string[] {
  return [event.type, ...(event.upcasts ?? []).flatMap(({ from }) => understoodTypes(from))];
}

/**
 * Checks data of one of the understood types, and upcasts it to this event's version.
 *
 * @throws InvalidEventError when it breaks its own version's contract, or when upcast, the newer one's.
 */
export function readAs<Event extends AnyEventDefinition>(event: Event, type: string, data: unknown): DataOf<Event>;
export function readAs(event: AnyEventDefinition, type: string, data: unknown): unknown {
  const upcast = event.upcasts?.find(({ from }) => understoodTypes(from).includes(type));
  const current: unknown = upcast ? upcast.convert(readAs(upcast.from, type, data)) : data;
  return validate<unknown>(event.schema, current, upcast ? `${event.type}, upcast from ${type}` : type);
}
