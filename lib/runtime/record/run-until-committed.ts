import type { Envelope } from "../../contracts/envelope.ts";
import { jitteredPause } from "../concurrency.ts";
import { StateConflictError } from "../errors.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import { beforeAbort } from "../lambda/deadline.ts";
import { Seal } from "../unit/seal.ts";
import { Transaction } from "../unit/transaction.ts";
import type { UnitContext } from "../unit/unit-context.ts";
import { UnitOfWork } from "../unit/unit-of-work.ts";

/** How often a handler runs when others keep changing what it read; then the record is retried later. */
const RUNS = 8;

/** Longest wait before the second run, in milliseconds; grows with each further one, with full jitter. */
const PAUSE_MILLISECONDS = 5;

/** A service's handler for any of its events, as the consumer calls it. */
export type EventHandler = (event: Envelope, unit: UnitOfWork) => unknown;

/** What a handler runs with. */
export interface RunContext extends Omit<UnitContext, "event"> {
  readonly handler: EventHandler;
}

/**
 * Runs the handler, and again on fresh state while others change what it has read, until its work is committed.
 *
 * @param read the event as the handler sees it; a new object each time, since a handler may change what it is given
 * @returns the events that are still to be published
 */
export async function runUntilCommitted(context: RunContext, read: () => Envelope): Promise<readonly OutgoingEvent[]> {
  for (let run = 1; ; run++) {
    const { event, unit, seal, transaction } = begin(context, read());
    try {
      await beforeAbort(context.signal, "the handler did not finish", () => context.handler(event, unit));
      seal.returned();
      return await transaction.complete();
    } catch (error) {
      if (!context.signal.aborted) seal.failed();
      if (!(error instanceof StateConflictError) || run === RUNS) throw error;
      await jitteredPause(PAUSE_MILLISECONDS * run);
      context.inbox.runsAgain();
    }
  }
}

/** What one run of the handler needs. */
function begin(context: RunContext, event: Envelope) {
  const { data: _, ...header } = event;
  const unitContext = { ...context, event: header };
  const transaction = new Transaction(unitContext);
  const { id, type, subject, correlationid } = header;
  const seal = new Seal((error) => context.log.error(error.message, { event: { id, type, subject, correlationid }, error }));
  return { event, seal, transaction, unit: new UnitOfWork(unitContext, transaction, seal) };
}
