import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "./attribute-values.ts";
import { hash } from "node:crypto";
import type { Envelope } from "../../contracts/envelope.ts";
import { keyOf } from "../../contracts/entity.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { EventMessage } from "../publish/event-message.ts";

/** An event that a handler has emitted, as the inbox record keeps it until it is published. */
export type OutgoingEvent = EventMessage & { readonly topic: string };

const SECONDS_PER_DAY = 24 * 60 * 60;

/** The TTL attribute of an item that is kept for some days: seconds since 1970. @param now milliseconds since 1970 */
export function expiryOf(now: number, days: number): number {
  return Math.floor(now / 1_000) + days * SECONDS_PER_DAY;
}

/** The key of the inbox record: one per consumer and event. */
export function inboxKey(consumer: string, eventId: string): { pk: string; sk: string } {
  return keyOf({ name: "inbox" }, `${consumer}#${eventId}`);
}

/**
 * The record that an event has been handled. It carries the outgoing events, so that a redelivery can publish them if the
 * first delivery ended between commit and publish.
 *
 * @param now milliseconds since 1970
 */
export function inboxRecord(
  { service, inboxDays }: ServiceConfig,
  event: { readonly id: string; readonly fingerprint: string },
  outgoing: readonly OutgoingEvent[],
  now: number,
): Record<string, unknown> {
  return {
    ...inboxKey(service, event.id),
    fingerprint: event.fingerprint,
    handledAt: new Date(now).toISOString(),
    outgoing,
    expiresAt: expiryOf(now, inboxDays),
  };
}

/**
 * A fingerprint of an event's content as published, 22 characters long. A copy of the event has the same; a different event
 * under the same id does not.
 */
export function fingerprintOf({ type, data }: Pick<Envelope, "type" | "data">): string {
  return hash("sha256", JSON.stringify([type, data]), "base64url").slice(0, 22);
}

/** Reads the inbox record of an event; undefined when the event has not been handled. */
export async function readInbox(
  dynamodb: Clients["dynamodb"],
  { table, service }: ServiceConfig,
  eventId: string,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: table, Key: marshall(inboxKey(service, eventId)), ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}

/** The outgoing events that an inbox record carries. */
export function outgoingOf(record: Record<string, unknown>): OutgoingEvent[] {
  const { outgoing } = record;
  if (!Array.isArray(outgoing)) throw new Error("the inbox record has no list of outgoing events");
  return outgoing.map(
    ({ topic, type, newerVersion, body, groupId, deduplicationId }: Partial<Record<keyof OutgoingEvent, unknown>>) => {
      if (typeof topic !== "string" || typeof type !== "string" || typeof body !== "string") {
        throw new Error("the inbox record's outgoing events are not readable");
      }
      return {
        topic,
        type,
        body,
        ...(typeof newerVersion === "string" && { newerVersion }),
        ...(typeof groupId === "string" && { groupId }),
        ...(typeof deduplicationId === "string" && { deduplicationId }),
      };
    },
  );
}

/** The id of an outgoing event: the same for every redelivery of the event that led to it. A UUID of version 8, RFC 9562. */
export function outgoingId(eventId: string, consumer: string, index: number): string {
  const hex = hash("sha256", JSON.stringify([eventId, consumer, index]), "hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
