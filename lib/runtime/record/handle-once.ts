import { jitteredPause } from "../concurrency.ts";
import { AlreadyHandledError, HandlerTimeoutError, IdReusedError, StateConflictError } from "../errors.ts";
import type { Envelope } from "../../contracts/envelope.ts";
import { type OutgoingEvent, outgoingOf, readInbox } from "../unit/inbox.ts";
import { UnitOfWork, type UnitOfWorkContext } from "../unit/unit-of-work.ts";

/** How often a handler runs when others keep changing what it read; then the record is retried later. */
const RUNS = 8;

/** Longest wait before the second run, in milliseconds; grows with each further one, with full jitter. */
const PAUSE_MILLISECONDS = 5;

/** A service's handler for any of its events, as the consumer calls it. */
export type EventHandler = (event: Envelope, unit: UnitOfWork) => unknown;

/** An event that has taken effect: now, or on an earlier delivery. Its outgoing events are still to be published. */
export interface Handled {
  readonly outcome: "done" | "duplicate";
  readonly outgoing: readonly OutgoingEvent[];
}

/** Runs the handler and commits what it did, unless the event took effect on an earlier delivery. */
export async function handleOnce(context: UnitOfWorkContext, handler: EventHandler): Promise<Handled> {
  const { clients, config, event, attempt } = context;
  try {
    if (attempt > 1) {
      const record = await readInbox(clients.dynamodb, config, event.id);
      if (record) throw new AlreadyHandledError(record);
    }
    return { outcome: "done", outgoing: await runUntilCommitted(context, handler) };
  } catch (error) {
    if (!(error instanceof AlreadyHandledError)) throw error;
    const record = error.record ?? (await readInbox(clients.dynamodb, config, event.id));
    requireSameEvent(context, record);
    return { outcome: "duplicate", outgoing: record ? outgoingOf(record) : [] };
  }
}

/** @throws IdReusedError when the inbox has another event under the id: dropping this one as a copy would lose it. */
function requireSameEvent({ fingerprint }: UnitOfWorkContext, record: Record<string, unknown> | undefined): void {
  if (record && record["fingerprint"] !== fingerprint) {
    throw new IdReusedError(
      `the event's id was used before by an event with other content: its publisher must give each its own`,
    );
  }
}

async function runUntilCommitted(context: UnitOfWorkContext, handler: EventHandler): Promise<OutgoingEvent[]> {
  for (let run = 1; ; run++) {
    const unit = new UnitOfWork(context);
    try {
      await beforeAbort(context.signal, () => handler(context.event, unit));
      return await unit.complete();
    } catch (error) {
      if (!(error instanceof StateConflictError) || run === RUNS) throw error;
      await jitteredPause(PAUSE_MILLISECONDS * run);
    }
  }
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
