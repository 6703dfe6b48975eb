import type { SQSRecord } from "aws-lambda";
import { HandlerTimeoutError, ProcessEndedError } from "./errors.ts";
import { bury, handleRecord, isLastAttempt, type Outcome, type Run } from "./record.ts";
import type { Deadline } from "./deadline.ts";
import { attemptOf } from "./settle.ts";
import { clearMark, markLate, markStarted, type Repute } from "./suspects.ts";

/**
 * Takes a suspect to its end as {@link handleRecord} does, under a mark that tells if it ends the process. On its last attempt
 * one that did so before, or that there is no time left for, is buried with that reason.
 *
 * @throws what DynamoDB throws, when the mark cannot be written: the record is not handled then
 */
export async function handleSuspect(run: Run, record: SQSRecord, repute: Repute, time: Deadline): Promise<Outcome> {
  const hopeless = isLastAttempt(run, record) && whyHopeless(repute, time);
  return hopeless ? buryUnhandled(run, record, hopeless) : handleMarked(run, record, time);
}

async function handleMarked(run: Run, record: SQSRecord, time: Deadline): Promise<Outcome> {
  await markStarted(run, record);
  const outcome = await handleRecord(run, record, time);
  if (outcome === "retry") await (time.signal.aborted ? markLate(run, record) : clearMark(run, record));
  return outcome;
}

/** Why a suspect is not handled on its last attempt, if it is not. */
function whyHopeless(repute: Repute, time: Deadline): Error | undefined {
  if (repute === "ended") {
    return new ProcessEndedError("the function's process ended every time this event was handled: see its log for why");
  }
  if (!time.signal.aborted) return undefined;
  return new HandlerTimeoutError("the invocation's time was up before this event could be handled, for the last time");
}

function buryUnhandled(run: Run, record: SQSRecord, error: Error): Promise<Outcome> {
  return bury(run, record, error, (outcome) => ({ outcome, messageId: record.messageId, attempt: attemptOf(record) }));
}
