import type { Envelope } from "../../contracts/envelope.ts";
import { IdReusedError } from "../errors.ts";
import { AlreadyHandledError } from "../inbox/already-handled.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import type { EventInbox } from "../unit/event-inbox.ts";
import type { InboxPlaces } from "../unit/inbox-places.ts";
import { type RunContext, runUntilCommitted } from "./run-until-committed.ts";

/** An event that has taken effect: now, or on an earlier delivery. */
export interface Handled {
  readonly outcome: "done" | "duplicate";
  /** The events that are still to be published. */
  readonly outgoing: readonly OutgoingEvent[];
  /** Notes that they are published, after an earlier delivery that may have published them or not. */
  readonly markPublished?: () => Promise<void>;
}

/** What an event is handled with. */
export type HandlingContext = Omit<RunContext, "inbox"> & { readonly places: InboxPlaces };

/** An event to handle. */
export interface EventToHandle {
  readonly published: PublishedEvent;
  /** The event as the handler sees it; a new object each time, since a handler may change what it is given. */
  readonly read: () => Envelope;
}

/** Runs the handler and commits what it did, unless the event took effect on an earlier delivery. */
export async function handleOnce(context: HandlingContext, event: EventToHandle): Promise<Handled> {
  const inbox = await context.places.open(context, event.published);
  try {
    if (context.attempt > 1) await inbox.requireNew();
    return { outcome: "done", outgoing: await runUntilCommitted({ ...context, inbox }, event.read) };
  } catch (error) {
    return duplicateOf(inbox, error);
  }
}

/** What the inbox says of an event that could not be handled. @throws what DynamoDB throws */
export async function lookUp(
  context: Pick<HandlingContext, "places" | "clients" | "config">,
  published: PublishedEvent,
): Promise<{ readonly handled?: Handled; readonly stored: readonly OutgoingEvent[] }> {
  const inbox = await context.places.open(context, published);
  try {
    await inbox.requireNew();
    return { stored: inbox.stored };
  } catch (error) {
    // Another event under its source and id says nothing about this one.
    return error instanceof IdReusedError ? { stored: [] } : { handled: duplicateOf(inbox, error), stored: [] };
  }
}

/** A duplicate, if the error is that the event has been handled already. @throws the error if not */
function duplicateOf(inbox: EventInbox, error: unknown): Handled {
  if (!(error instanceof AlreadyHandledError)) throw error;
  const { outgoing, published } = error.entry;
  return { outcome: "duplicate", outgoing: published ? [] : outgoing, markPublished: () => inbox.markPublished() };
}
