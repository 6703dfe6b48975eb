import type { SQSRecord } from "aws-lambda";
import { InvalidEventError } from "../../contracts/errors.ts";
import { HandlerTimeoutError, PermanentError, toError } from "../errors.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { ConsumerContext, LogFields, Outcome } from "./consumer-context.ts";
import { deadLetter } from "./dead-letter.ts";
import { type Handled, lookUp } from "./handle-once.ts";
import { publishOutgoing } from "./publish-outgoing.ts";
import { publishedIn } from "./read-event.ts";
import { isLastAttempt, retry } from "./retry.ts";

/** Publishes what a handled event has emitted, and settles it as done or as a duplicate; if that fails, its record comes back. */
export async function settleHandled(
  context: ConsumerContext,
  record: SQSRecord,
  { outcome, outgoing, markPublished }: Handled,
  fields: LogFields,
): Promise<Outcome> {
  try {
    await publishOutgoing(context, outgoing);
  } catch (error) {
    return giveUpOrRetry(context, record, toError(error), fields);
  }
  // Without the mark, the next copy publishes again.
  if (outgoing.length > 0) await markPublished?.().catch(() => undefined);
  context.log.info(`event ${outcome}`, fields(outcome, { published: outgoing.length }));
  return outcome;
}

/**
 * Settles a record whose event could not be handled: retried later, or dead. The inbox is asked first, whatever the error: a copy of an
 * event that has taken effect is a duplicate, and what is not published of it yet is published.
 */
export async function settleFailed(
  context: ConsumerContext,
  record: SQSRecord,
  error: Error,
  fields: LogFields,
): Promise<Outcome> {
  const last = isLastAttempt(context, record);
  // No time is left to ask; the next attempt asks before it does anything else.
  if (error instanceof HandlerTimeoutError && !last) return retry(context, record, error, fields);
  const published = publishedIn(record.body);
  if (!published) return giveUpOrRetry(context, record, error, fields);
  try {
    const { handled, stored } = await lookUp(context, published);
    return handled
      ? await settleHandled(context, record, handled, fields)
      : await giveUpOrRetry(context, record, error, fields, stored);
  } catch {
    // It may have taken effect. On the last attempt the dead letter keeps it, and a redrive asks again.
    return last ? deadLetter(context, record, error, fields) : retry(context, record, error, fields);
  }
}

/** @param stored what the event has emitted before a checkpoint: the state that goes with it is committed, so it is published in any case */
async function giveUpOrRetry(
  context: ConsumerContext,
  record: SQSRecord,
  error: Error,
  fields: LogFields,
  stored: readonly OutgoingEvent[] = [],
): Promise<Outcome> {
  if (!isPermanent(error) && !isLastAttempt(context, record)) return retry(context, record, error, fields);
  await publishOutgoing(context, stored).catch(() => undefined);
  return deadLetter(context, record, error, fields);
}

function isPermanent(error: Error): boolean {
  return error instanceof InvalidEventError || error instanceof PermanentError;
}
