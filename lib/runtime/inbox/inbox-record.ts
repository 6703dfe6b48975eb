import { hash } from "node:crypto";
import { keyOf, type ItemKey } from "../../contracts/entity.ts";
import { INBOX_KIND } from "../../contracts/item-attributes.ts";
import { NewerItemError } from "../errors.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { EventMessage } from "../publish/event-message.ts";
import { expiryOf } from "../table/expiry.ts";
import { unpack } from "./packed-events.ts";
import { type EventIdentity, isSameName, type PublishedEvent } from "./identity.ts";

/** An event that a handler has emitted, as the inbox keeps it until it is published. */
export type OutgoingEvent = EventMessage & {
  readonly topic: string;
  /**
   * A hash of the data, to know the event again when the handler emits it again. Kept only between checkpoint and commit, and not for
   * the older versions that are published with an event.
   */
  readonly content?: string;
};

/** What an inbox record says of an event. */
export interface InboxEntry {
  /** The event's source; undefined in records of the last release, which did not keep it. */
  readonly source: string | undefined;
  readonly type: string | undefined;
  readonly content: string | undefined;
  readonly ordered: string | undefined;
  /** How many checkpoints have stored events, while the event is not handled to the end; undefined when it is. */
  readonly checkpoints: number | undefined;
  readonly outgoing: readonly OutgoingEvent[];
  /** Whether all outgoing events are known to be published. */
  readonly published: boolean;
  /** The answer to a request, as JSON; undefined for an event. */
  readonly answer?: string | undefined;
  /** TTL, in seconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The key of an event's inbox record: one per consumer and event id. The record names the source; if an event of another source has
 * taken it, this one's is at {@link otherInboxKey}. See docs/decisions/identity-of-an-event.md.
 */
export function inboxKey(consumer: string, eventId: string): ItemKey {
  return keyOf({ name: INBOX_KIND }, `${consumer}#${eventId}`);
}

/** The key of the inbox record of an event whose id another source has used before. The hash fits a sort key, however long the source. */
export function otherInboxKey(consumer: string, { source, id }: EventIdentity): ItemKey {
  return { ...inboxKey(consumer, id), sk: hash("sha256", source) };
}

/**
 * The record that an event has been handled. It carries the outgoing events, so that a redelivery can publish them if the
 * first delivery ended between commit and publish.
 *
 * @param now milliseconds since 1970
 */
export function handledRecord(
  { inboxDays }: Pick<ServiceConfig, "inboxDays">,
  { source, type, content, ordered }: PublishedEvent,
  outgoing: readonly OutgoingEvent[],
  now: number,
): Record<string, unknown> {
  return {
    source,
    type,
    content,
    fingerprint: ordered,
    handledAt: new Date(now).toISOString(),
    outgoing,
    expiresAt: expiryOf(now, inboxDays),
  };
}

/**
 * The record that an event has got as far as a checkpoint, with what it has emitted until then. It has no `fingerprint`, so that a
 * function of the last release takes it for another event's, and not for a handled one.
 *
 * @param checkpoints how many have stored events, this one included
 * @param now milliseconds since 1970
 */
export function checkpointRecord(
  { inboxDays }: Pick<ServiceConfig, "inboxDays">,
  { source, type, content }: PublishedEvent,
  outgoing: readonly OutgoingEvent[],
  checkpoints: number,
  now: number,
): Record<string, unknown> {
  return { source, type, content, checkpoints, outgoing, expiresAt: expiryOf(now, inboxDays) };
}

/** What a record says. @throws NewerItemError when it is none of the runtime's. */
export function entryOf(record: Record<string, unknown>): InboxEntry {
  const text = (name: string) => (typeof record[name] === "string" ? record[name] : undefined);
  return {
    source: text("source"),
    type: text("type"),
    content: text("content"),
    ordered: text("fingerprint"),
    checkpoints: typeof record["checkpoints"] === "number" ? record["checkpoints"] : undefined,
    outgoing: outgoingOf(record),
    published: record["published"] === true,
    answer: text("answer"),
    expiresAt: Number(record["expiresAt"]),
  };
}

/** Whether an entry under the event's source and id is of this event: of the same content, or of another version of the same event. */
export function isOf(entry: InboxEntry, event: PublishedEvent): boolean {
  // Without its data the event cannot be compared further: its source and id speak for it.
  if (event.content === undefined) return entry.type === undefined || isSameName(entry.type, event.type);
  if (entry.type === undefined) return entry.ordered === event.ordered;
  return entry.type === event.type ? entry.content === event.content : isSameName(entry.type, event.type);
}

/** The outgoing events that an inbox record carries. @throws NewerItemError when they are not readable */
export function outgoingOf({ outgoing }: Record<string, unknown>): OutgoingEvent[] {
  const events = typeof outgoing === "string" ? unpacked(outgoing) : outgoing;
  if (!Array.isArray(events)) throw unreadable("an entry has no list of outgoing events");
  return events.map((event: Partial<Record<keyof OutgoingEvent, unknown>>) => {
    const { topic, type, newerVersion, body, groupId, deduplicationId, content } = event;
    if (typeof topic !== "string" || typeof type !== "string" || typeof body !== "string") {
      throw unreadable("an entry's outgoing events have no topic, type or body");
    }
    return {
      topic,
      type,
      body,
      ...(typeof newerVersion === "string" && { newerVersion }),
      ...(typeof groupId === "string" && { groupId }),
      ...(typeof deduplicationId === "string" && { deduplicationId }),
      ...(typeof content === "string" && { content }),
    };
  });
}

function unpacked(outgoing: string): unknown {
  try {
    return unpack(outgoing);
  } catch {
    return undefined;
  }
}

/** What is in the inbox is no event's fault: it waits for code that can read it. */
export function unreadable(what: string): NewerItemError {
  return new NewerItemError(
    `the inbox is not readable: ${what}. Newer code may have written it: deploy that, or mend the item`,
  );
}
