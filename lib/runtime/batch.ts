import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { isFifoName } from "../contracts/fifo.ts";
import { mapLimited } from "./concurrency.ts";
import { toError } from "./errors.ts";
import { handleGroups } from "./groups.ts";
import { handleRecord, isLastAttempt, type Run } from "./record.ts";
import type { Deadline } from "./deadline.ts";
import { handleSuspect } from "./suspect-record.ts";
import { delayRetry } from "./settle.ts";
import { acknowledge, inOrderOfTrust, isSuspect } from "./suspects.ts";

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
    const failed = isFifo(records) ? await handleGroups(run, records, time) : await handleEach(run, records, time);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    clearTimeout(timer);
  }
}

function isFifo([first]: readonly SQSRecord[]): boolean {
  return first !== undefined && isFifoName(first.eventSourceARN);
}

/** The records of a standard queue: none waits for another. Returns those to report as failed. */
async function handleEach(run: Run, records: readonly SQSRecord[], time: Deadline): Promise<SQSRecord[]> {
  const suspects = records.filter(isSuspect);
  const others = records.filter((record) => !isSuspect(record));
  const outcomes = await mapLimited(others, others.length, (record) => handleRecord(run, record, time));
  const failed = others.filter((_, index) => outcomes[index] === "retry");
  if (suspects.length === 0) return failed;
  const settled = others.filter((_, index) => outcomes[index] !== "retry");
  return [...failed, ...(await handleSuspects(run, suspects, settled, time))];
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
  const failed: SQSRecord[] = [];
  let settled = settledBefore;
  for (const { record, repute } of await inOrderOfTrust(run, suspects)) {
    try {
      if (time.signal.aborted && !isLastAttempt(run, record)) {
        failed.push(await laterUnhandled(run, record));
        continue;
      }
      await acknowledge(run, settled);
      settled = [];
      if ((await handleSuspect(run, record, repute, time)) === "retry") failed.push(record);
      else settled = [record];
    } catch (error) {
      run.log.warn("event not handled, retried later: the care for events that end the process failed", {
        messageId: record.messageId,
        error: toError(error),
      });
      failed.push(await laterUnhandled(run, record));
    }
  }
  return failed;
}

/** Lets a record that had no turn come back after its backoff, and not only when its visibility timeout ends. */
async function laterUnhandled({ clients, config }: Run, record: SQSRecord): Promise<SQSRecord> {
  await delayRetry(clients.sqs, config, record).catch(() => undefined);
  return record;
}
