import { toError } from "../errors.ts";
import { attemptOf, type Received } from "../attempts/attempts.ts";
import type { InvocationContext, LogFields, Outcome } from "../record/consumer-context.ts";
import { clearMark, type CrashMark, leaveMark, mayHaveCrashed } from "../record/crash-marks.ts";
import { handleRecord } from "../record/handle-record.ts";
import { settleFailed } from "../record/settle.ts";

/**
 * Handles a record, under a mark if an earlier receive came to no end: one without such a receive costs nothing more.
 *
 * @param mark what the mark is to say. @default - not the only record that is being handled
 */
export async function handleWatched(
  context: InvocationContext,
  received: Received,
  mark: CrashMark = { aloneCount: 0 },
): Promise<Outcome> {
  if (!mayHaveCrashed(received)) return handleRecord(context, received);
  const startedAt = Date.now();
  try {
    await leaveMark(context, received, mark);
  } catch (thrown) {
    return settleUnhandled(context, received, startedAt, toError(thrown));
  }
  const outcome = await handleRecord(context, received);
  if (outcome === "retry" || outcome === "postponed") await clearMark(context, received);
  return outcome;
}

/** Settles a record that was not handled. @param startedAt when it could have been, in milliseconds since 1970 */
export function settleUnhandled(
  context: InvocationContext,
  received: Received,
  startedAt: number,
  error: Error,
): Promise<Outcome> {
  const fields: LogFields = (outcome, more = {}) => ({
    outcome,
    messageId: received.record.messageId,
    attempt: attemptOf(received),
    ...more,
  });
  return context.publications.during(() => settleFailed(context, { received, startedAt, type: undefined, fields }, error));
}
