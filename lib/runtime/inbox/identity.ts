import { hash } from "node:crypto";
import type { Envelope } from "../../contracts/envelope.ts";
import { parseEventType } from "../../contracts/event-type.ts";

/** What tells an event from every other: CloudEvents requires that source and id together are unique. */
export type EventIdentity = Pick<Envelope, "source" | "id">;

/** A published event as the inbox knows it: its identity, and hashes that tell a copy of it from another event under its identity. */
export interface PublishedEvent extends EventIdentity {
  /** The type as published, which the handler may see in a newer version. */
  readonly type: string;
  /** A hash of the data, whatever the order of its keys: 22 characters. Undefined when the data cannot be had. */
  readonly content?: string | undefined;
  /** A hash of type and data in the order of their keys, as the last release computes it: 22 characters. */
  readonly ordered?: string | undefined;
  /** The event without its data; undefined for a request, which has none. */
  readonly header?: Omit<Envelope, "data"> | undefined;
}

/** How the inbox knows an event. @throws RangeError when its data is nested deeper than the call stack. */
export function identify({ data, ...header }: Envelope): PublishedEvent {
  const { source, id, type } = header;
  return { source, id, type, content: contentOf(data), ordered: digest(JSON.stringify([type, data])), header };
}

/** A hash of JSON data that does not depend on the order of its keys: 22 characters. */
export function contentOf(data: unknown): string {
  return digest(JSON.stringify(data, sortKeys) ?? "");
}

/** Whether two types are versions of one event. */
export function isSameName(type: string, other: string): boolean {
  return type === other || (parseEventType(type)?.name ?? type) === (parseEventType(other)?.name ?? other);
}

/**
 * The id of an outgoing event: the same for every redelivery of the event that led to it. A UUID of version 8, RFC 9562.
 *
 * @param index counts the events that one event leads to
 */
export function outgoingId({ source, id }: EventIdentity, consumer: string, index: number): string {
  return nameBasedId([source, id, consumer, index]);
}

/** An id that is the same whenever it is made of the same parts: a UUID of version 8, RFC 9562. */
export function nameBasedId(parts: readonly (string | number)[]): string {
  const hex = hash("sha256", JSON.stringify(parts), "hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}

function digest(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}

/** A replacer that puts the keys of objects in order. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  // From entries, a key `__proto__` stays a key.
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
