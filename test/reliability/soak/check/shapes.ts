import * as v from "valibot";
import { unpacked } from "../../../support/packed-events.ts";

/*
 * What the checks read, in shapes of their own: they share nothing with the runtime that wrote it, nor with the services' entities.
 */

/** An event on the wire. */
export const event = v.object({ id: v.string(), type: v.string(), subject: v.string(), causationid: v.optional(v.string()) });

const outgoing = v.pipe(v.unknown(), v.transform(unpacked), v.array(v.object({ type: v.string(), body: v.string() })));

/** The record that an event has been handled, with the events that this led to. */
export const inboxRecord = v.object({ pk: v.string(), outgoing });

/** An item that says itself which events have been handled in it. */
export const homeItem = v.object({ inbox: v.array(v.object({ id: v.string(), outgoing })) });

export const orderItem = v.object({ orderId: v.string(), status: v.string(), total: v.number() });

export const stockItem = v.object({ sku: v.string(), available: v.number() });

const line = v.object({ sku: v.string(), quantity: v.number() });

export const reservationItem = v.object({ orderId: v.string(), status: v.string(), lines: v.optional(v.array(line)) });

export const reservedLines = v.object({ orderId: v.string(), lines: v.array(line) });

/** The data of an order that was placed. */
export const placedData = v.object({ orderId: v.string(), total: v.number(), lines: v.array(line) });

export const paymentItem = v.object({ orderId: v.string(), status: v.string(), amount: v.optional(v.number()) });

export const journalItem = v.object({ eventId: v.string(), type: v.string() });

export const emailItem = v.object({ eventId: v.string(), orderId: v.string() });

export type Event = v.InferOutput<typeof event>;
