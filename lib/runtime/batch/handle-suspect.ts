import type { SQSRecord } from "aws-lambda";
import { HandlerTimeoutError, ProcessEndedError } from "../errors.ts";
import type { Deadline } from "../lambda/deadline.ts";
import type { ConsumerContext, Outcome } from "../record/consumer-context.ts";
import { handleRecord } from "../record/handle-record.ts";
import { attemptOf, isLastAttempt } from "../record/retry.ts";
import { settleFailed } from "../record/settle.ts";
import { clearMark, markStarted, markTimedOut, type SuspectHistory } from "./suspects.ts";

/**
 * Handles a suspect as {@link handleRecord} does, under a mark that outlives a crash. On its last attempt, a record that
 * crashed before, or that there is no time left for, goes to the dead-letter queue unhandled, with that reason, unless the inbox has it.
 *
 * @throws what DynamoDB throws when the mark cannot be written; the record is not handled then
 */
export async function handleSuspect(
  context: ConsumerContext,
  record: SQSRecord,
  history: SuspectHistory,
  time: Deadline,
): Promise<Outcome> {
  const reason = isLastAttempt(context, record) && whyNotHandled(history, time);
  return reason ? settleUnhandled(context, record, reason) : handleMarked(context, record, time);
}

async function handleMarked(context: ConsumerContext, record: SQSRecord, time: Deadline): Promise<Outcome> {
  await markStarted(context, record);
  const outcome = await handleRecord(context, record, time);
  if (outcome === "retry") await (time.signal.aborted ? markTimedOut(context, record) : clearMark(context, record));
  return outcome;
}

/** Why a suspect is not handled on its last attempt; undefined when it is. */
function whyNotHandled(history: SuspectHistory, time: Deadline): Error | undefined {
  if (history === "crashed") {
    return new ProcessEndedError("the function's process ended every time this event was handled: see its log for why");
  }
  if (!time.signal.aborted) return undefined;
  return new HandlerTimeoutError("the invocation's time was up before this event could be handled, for the last time");
}

function settleUnhandled(context: ConsumerContext, record: SQSRecord, error: Error): Promise<Outcome> {
  return settleFailed(context, record, error, (outcome) => ({
    outcome,
    messageId: record.messageId,
    attempt: attemptOf(record),
  }));
}
