import type { AnyEventDefinition, DataOf, Upcast } from "./event.ts";
import { validate } from "./validate.ts";

/**
 * How data of an older version becomes data of this one, for the `upcasts` of a newer version's definition. A service that
 * consumes the newer version receives the older one too, and its handler sees the newer one alone.
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
 * Checks data that came under one of the understood types, and brings it to the version of this event.
 *
 * @throws InvalidEventError when it breaks the contract of its own version, or its upcast breaks that of the newer one.
 */
export function readAs<Event extends AnyEventDefinition>(event: Event, type: string, data: unknown): DataOf<Event>;
export function readAs(event: AnyEventDefinition, type: string, data: unknown): unknown {
  const upcast = event.upcasts?.find(({ from }) => understoodTypes(from).includes(type));
  const current: unknown = upcast ? upcast.convert(readAs(upcast.from, type, data)) : data;
  return validate<unknown>(event.schema, current, upcast ? `${event.type}, upcast from ${type}` : type);
}
