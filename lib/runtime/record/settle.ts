import { HandlerTimeoutError, PermanentError, toError } from "../errors.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { Received } from "../attempts/attempts.ts";
import type { InvocationContext, LogFields, Outcome } from "./consumer-context.ts";
import { deadLetter } from "./dead-letter.ts";
import { type Failure, failureKind } from "../attempts/failure-kind.ts";
import { type Handled, lookUp } from "./handle-once.ts";
import { publishOutgoing } from "./publish-outgoing.ts";
import { publishedIn } from "./read-event.ts";
import { retry } from "./retry.ts";
import { isGivenUp } from "../attempts/retry-budget.ts";

/** An attempt at a record that has come to its end. */
export interface Attempted {
  readonly received: Received;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The event's type; undefined if it ended before the event was read. */
  readonly type: string | undefined;
  readonly fields: LogFields;
}

/** Publishes what a handled event has emitted, and settles it as done or as a duplicate; if that fails, its record comes back. */
export async function settleHandled(
  context: InvocationContext,
  attempted: Attempted,
  { outcome, outgoing, markPublished }: Handled,
): Promise<Outcome> {
  try {
    await publishOutgoing(context, outgoing);
  } catch (error) {
    const failure = toError(error);
    return giveUpOrRetry(context, attempted, { error: failure, kind: failureKind(failure) });
  }
  // Without the mark, the next copy publishes again.
  if (outgoing.length > 0) await markPublished?.().catch(() => undefined);
  context.log.info(`event ${outcome}`, attempted.fields(outcome, { published: outgoing.length }));
  return outcome;
}

/**
 * Settles a record whose event could not be handled: retried later, or dead. The inbox is asked first, whatever the error: a copy of an
 * event that has taken effect is a duplicate, and what is not published of it yet is published. Never throws.
 */
export async function settleFailed(context: InvocationContext, attempted: Attempted, error: Error): Promise<Outcome> {
  const failure = { error, kind: failureKind(error) };
  const published = publishedIn(attempted.received.record.body);
  if (!published) return giveUpOrRetry(context, attempted, failure);
  // No time is left to ask; the next attempt asks before it does anything else.
  if (error instanceof HandlerTimeoutError && !isLast(context, attempted, failure)) {
    return giveUpOrRetry(context, attempted, failure);
  }
  const { config, clients, settling, places } = context;
  try {
    const { handled, stored } = await lookUp({ places, config, clients: { ...clients, ...settling } }, published);
    if (handled) return await settleHandled(context, attempted, handled);
    return await giveUpOrRetry(context, attempted, failure, stored);
  } catch (thrown) {
    // The inbox has no place for such an event, so that it cannot have taken effect.
    if (thrown instanceof PermanentError) return giveUpOrRetry(context, attempted, failure);
    // It may have taken effect, so nothing is for good. On the last attempt the dead letter keeps it, and a redrive asks again.
    return giveUpOrRetry(context, attempted, { error, kind: failure.kind === "permanent" ? "unavailable" : failure.kind });
  }
}

/** @param stored what the event has emitted before a checkpoint: the state that goes with it is committed, so it is published in any case */
async function giveUpOrRetry(
  context: InvocationContext,
  attempted: Attempted,
  failure: Failure,
  stored: readonly OutgoingEvent[] = [],
): Promise<Outcome> {
  const { received, fields } = attempted;
  const outcome = isLast(context, attempted, failure) ? undefined : await retry(context, received, failure, fields);
  if (outcome !== undefined) return outcome;
  await publishOutgoing(context, stored).catch(() => undefined);
  return deadLetter(context, received, failure.error, fields);
}

function isLast({ service }: InvocationContext, { received, startedAt, type }: Attempted, { kind }: Failure): boolean {
  return isGivenUp(service, received.attempts, { kind, startedAt, type });
}
