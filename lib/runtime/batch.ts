import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { mapLimited } from "./concurrency.ts";
import { HandlerTimeoutError, ProcessEndedError, toError } from "./errors.ts";
import { bury, type Deadline, handleRecord, isLastAttempt, type Outcome, type Run } from "./record.ts";
import { attemptOf } from "./settle.ts";
import { acknowledge, clearMark, inOrderOfTrust, isSuspect, markLate, markStarted, type Repute } from "./suspects.ts";

/** Time kept back, of the time that the invocation has left, to report and to bury what did not finish. */
const MARGIN_SHARE = 0.1;
const MARGIN_MILLISECONDS = { least: 250, most: 2_000 };

/** Handles the records of an invocation side by side, and reports those that are to come back. */
export async function handleBatch(
  run: Run,
  records: readonly SQSRecord[],
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<SQSBatchResponse> {
  const left = context.getRemainingTimeInMillis();
  const margin = Math.min(MARGIN_MILLISECONDS.most, Math.max(MARGIN_MILLISECONDS.least, left * MARGIN_SHARE));
  const controller = new AbortController();
  const time = { signal: controller.signal, deadline: Date.now() + left - margin };
  const timer = setTimeout(() => controller.abort(), left - margin);
  try {
    const suspects = records.filter(isSuspect);
    const others = records.filter((record) => !isSuspect(record));
    const outcomes = await mapLimited(others, others.length, (record) => handleRecord(run, record, time));
    const failed = others.filter((_, index) => outcomes[index] === "retry");
    if (suspects.length > 0) {
      const settled = others.filter((_, index) => outcomes[index] !== "retry");
      failed.push(...(await handleSuspects(run, suspects, settled, time)));
    }
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Handles suspects one by one, each only after everything settled before it is safely acknowledged: should one end the
 * process, it alone comes back. Returns the records to report as failed.
 */
async function handleSuspects(
  run: Run,
  suspects: readonly SQSRecord[],
  settledBefore: readonly SQSRecord[],
  time: Deadline,
): Promise<SQSRecord[]> {
  const failed = new Set(suspects);
  let settled = settledBefore;
  try {
    for (const { record, repute } of await inOrderOfTrust(run, suspects)) {
      const last = isLastAttempt(run, record);
      if (time.signal.aborted && !last) continue;
      await acknowledge(run, settled);
      settled = [];
      const hopeless = last && whyHopeless(repute, time);
      const outcome = hopeless ? await buryUnhandled(run, record, hopeless) : await handleMarked(run, record, time);
      if (outcome === "retry") continue;
      failed.delete(record);
      settled = [record];
    }
  } catch (error) {
    run.log.warn("events not handled, retried later: the care for events that end the process failed", {
      error: toError(error),
    });
  }
  return [...failed];
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
