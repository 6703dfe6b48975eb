import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { isFifoName } from "../../contracts/fifo.ts";
import { mapLimited } from "../concurrency.ts";
import { toError } from "../errors.ts";
import type { Deadline } from "../lambda/deadline.ts";
import type { ConsumerContext } from "../record/consumer-context.ts";
import { handleRecord } from "../record/handle-record.ts";
import { delayRetry, isLastAttempt } from "../record/retry.ts";
import { acknowledge } from "./acknowledge.ts";
import { handleGroups } from "./fifo-groups.ts";
import { handleSuspect } from "./handle-suspect.ts";
import { isSuspect, leastRiskyFirst } from "./suspects.ts";

/** Share of the invocation's remaining time that is kept back to report and dead-letter what did not finish. */
const MARGIN_SHARE = 0.1;
const MARGIN_MILLISECONDS = { least: 250, most: 2_000 };

/** Handles the records of an invocation concurrently, and reports those to retry as batch item failures. */
export async function handleBatch(
  context: ConsumerContext,
  records: readonly SQSRecord[],
  invocation: Pick<Context, "getRemainingTimeInMillis">,
): Promise<SQSBatchResponse> {
  const left = invocation.getRemainingTimeInMillis();
  const margin = Math.min(MARGIN_MILLISECONDS.most, Math.max(MARGIN_MILLISECONDS.least, left * MARGIN_SHARE));
  const controller = new AbortController();
  const time = { signal: controller.signal, deadline: Date.now() + left - margin };
  const timer = setTimeout(() => controller.abort(), left - margin);
  try {
    const failed = isFifo(records) ? await handleGroups(context, records, time) : await handleEach(context, records, time);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    clearTimeout(timer);
  }
}

function isFifo([first]: readonly SQSRecord[]): boolean {
  return first !== undefined && isFifoName(first.eventSourceARN);
}

/** Handles the records of a standard queue independently. Returns those to report as failed. */
async function handleEach(context: ConsumerContext, records: readonly SQSRecord[], time: Deadline): Promise<SQSRecord[]> {
  const suspects = records.filter(isSuspect);
  const others = records.filter((record) => !isSuspect(record));
  const outcomes = await mapLimited(others, others.length, (record) => handleRecord(context, record, time));
  const failed = others.filter((_, index) => outcomes[index] === "retry");
  if (suspects.length === 0) return failed;
  const finished = others.filter((_, index) => outcomes[index] !== "retry");
  return [...failed, ...(await handleSuspects(context, suspects, finished, time))];
}

/**
 * Handles suspects one by one, each only after everything finished before it is acknowledged: if one crashes the process,
 * only that one comes back. Returns the records to report as failed.
 */
async function handleSuspects(
  context: ConsumerContext,
  suspects: readonly SQSRecord[],
  finishedBefore: readonly SQSRecord[],
  time: Deadline,
): Promise<SQSRecord[]> {
  const failed: SQSRecord[] = [];
  let finished = finishedBefore;
  for (const { record, history } of await leastRiskyFirst(context, suspects)) {
    try {
      if (time.signal.aborted && !isLastAttempt(context, record)) {
        failed.push(await retryUnhandled(context, record));
        continue;
      }
      await acknowledge(context, finished);
      finished = [];
      if ((await handleSuspect(context, record, history, time)) === "retry") failed.push(record);
      else finished = [record];
    } catch (error) {
      context.log.warn("event not handled, retried later: its crash mark could not be kept", {
        messageId: record.messageId,
        error: toError(error),
      });
      failed.push(await retryUnhandled(context, record));
    }
  }
  return failed;
}

/** Makes a record that was not reached come back after its backoff instead of its full visibility timeout. */
async function retryUnhandled({ clients, config }: ConsumerContext, record: SQSRecord): Promise<SQSRecord> {
  await delayRetry(clients.sqs, config, record).catch(() => undefined);
  return record;
}
