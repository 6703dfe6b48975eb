import type { Envelope } from "../../contracts/envelope.ts";
import { jitteredPause } from "../concurrency.ts";
import { HandlerTimeoutError, IdReusedError, StateConflictError } from "../errors.ts";
import { AlreadyHandledError } from "../inbox/already-handled.ts";
import { Inbox } from "../inbox/inbox.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import { Seal } from "../unit/seal.ts";
import { Transaction, type TransactionContext } from "../unit/transaction.ts";
import { UnitOfWork } from "../unit/unit-of-work.ts";

/** How often a handler runs when others keep changing what it read; then the record is retried later. */
const RUNS = 8;

/** Longest wait before the second run, in milliseconds; grows with each further one, with full jitter. */
const PAUSE_MILLISECONDS = 5;

/** A service's handler for any of its events, as the consumer calls it. */
export type EventHandler = (event: Envelope, unit: UnitOfWork) => unknown;

/** An event that has taken effect: now, or on an earlier delivery. */
export interface Handled {
  readonly outcome: "done" | "duplicate";
  /** The events that are still to be published. */
  readonly outgoing: readonly OutgoingEvent[];
  /** Notes that they are published, after an earlier delivery that may have published them or not. */
  readonly markPublished?: () => Promise<void>;
}

/** What an event is handled with. */
export interface HandlingContext extends Omit<TransactionContext, "event" | "inbox"> {
  readonly handler: EventHandler;
}

/** An event to handle. */
export interface EventToHandle {
  readonly published: PublishedEvent;
  /** The event as the handler sees it; a new object each time, since a handler may change what it is given. */
  readonly read: () => Envelope;
}

/** Runs the handler and commits what it did, unless the event took effect on an earlier delivery. */
export async function handleOnce(context: HandlingContext, event: EventToHandle): Promise<Handled> {
  const inbox = new Inbox(context, event.published);
  try {
    if (context.attempt > 1) await inbox.requireNew();
    return { outcome: "done", outgoing: await runUntilCommitted({ ...context, inbox }, event) };
  } catch (error) {
    return duplicateOf(inbox, error);
  }
}

/** What the inbox says of an event that could not be handled. @throws what DynamoDB throws */
export async function lookUp(
  context: Pick<HandlingContext, "clients" | "config">,
  published: PublishedEvent,
): Promise<{ readonly handled?: Handled; readonly stored: readonly OutgoingEvent[] }> {
  const inbox = new Inbox(context, published);
  try {
    await inbox.requireNew();
    return { stored: inbox.stored };
  } catch (error) {
    // Another event under its source and id says nothing about this one.
    return error instanceof IdReusedError ? { stored: [] } : { handled: duplicateOf(inbox, error), stored: [] };
  }
}

/** A duplicate, if the error is that the event has been handled already. @throws the error if not */
function duplicateOf(inbox: Inbox, error: unknown): Handled {
  if (!(error instanceof AlreadyHandledError)) throw error;
  const { outgoing, published } = error.entry;
  return { outcome: "duplicate", outgoing: published ? [] : outgoing, markPublished: () => inbox.markPublished() };
}

async function runUntilCommitted(
  context: HandlingContext & { readonly inbox: Inbox },
  { read }: EventToHandle,
): Promise<readonly OutgoingEvent[]> {
  for (let run = 1; ; run++) {
    const { event, unit, seal, transaction } = begin(context, read());
    try {
      await beforeAbort(context.signal, () => context.handler(event, unit));
      seal.returned();
      return await transaction.complete();
    } catch (error) {
      if (!context.signal.aborted) seal.failed();
      if (!(error instanceof StateConflictError) || run === RUNS) throw error;
      await jitteredPause(PAUSE_MILLISECONDS * run);
    }
  }
}

/** What one run of the handler needs. */
function begin(context: HandlingContext & { readonly inbox: Inbox }, event: Envelope) {
  const { data: _, ...header } = event;
  const unitContext = { ...context, event: header };
  const transaction = new Transaction(unitContext);
  const { id, type, subject, correlationid } = header;
  const seal = new Seal((error) => context.log.error(error.message, { event: { id, type, subject, correlationid }, error }));
  return { event, seal, transaction, unit: new UnitOfWork(unitContext, transaction, seal) };
}

/** The work's result, or a HandlerTimeoutError as soon as the signal aborts: a handler may never return. */
async function beforeAbort(signal: AbortSignal, work: () => unknown): Promise<void> {
  const late = () => new HandlerTimeoutError("the handler did not finish before the invocation's deadline");
  if (signal.aborted) throw late();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(late());
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([(async () => work())(), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
