import type { SQSRecord } from "aws-lambda";
import { isFifoName } from "../../contracts/fifo.ts";
import { loadSqs } from "../lambda/clients.ts";
import { RetryLaterError } from "../errors.ts";
import { carriedAfter, type FailedCounts, type Received } from "../attempts/attempts.ts";
import type { InvocationContext, LogFields, Outcome } from "./consumer-context.ts";
import { noteFailed } from "./fifo-notes.ts";
import type { Failure } from "../attempts/failure-kind.ts";
import { sendAgain } from "./send-again.ts";

/** Longest wait before the second attempt, in seconds; doubled for each further one. */
const BACKOFF_SECONDS = 1;

/** Longest wait of all: the longest delay that SQS takes. AWSSimpleQueueService, "Message timers" */
const BACKOFF_LIMIT_SECONDS = 15 * 60;

/** Seconds until the next attempt, after so many that failed: exponential with full jitter, and at least one. */
export function backoffSeconds(failed: number, random: number = Math.random()): number {
  const limit = Math.min(BACKOFF_LIMIT_SECONDS, BACKOFF_SECONDS * 2 ** (failed - 1));
  return Math.max(1, Math.ceil(random * limit));
}

/**
 * Schedules a failed record's next attempt, and logs it.
 *
 * @returns undefined when there can be none, and SQS would move the message to the dead-letter queue without a reason
 */
export async function retry(
  context: InvocationContext,
  received: Received,
  failure: Failure,
  fields: LogFields,
): Promise<Outcome | undefined> {
  const { failures, waits } = received.attempts;
  const counts = failure.kind === "own" ? { failures: failures + 1 } : { waits: waits + 1 };
  const seconds = backoffSeconds(failure.kind === "own" ? failures + 1 : waits + 1);
  const outcome = await schedule(context, received, counts, seconds);
  if (outcome === undefined) return undefined;
  const details = fields("retry", { retryInSeconds: seconds, because: failure.kind, reason: failure.error.message });
  if (failure.error instanceof RetryLaterError) context.log.info("event retried later", details);
  else context.log.warn("event failed, retried later", { ...details, error: failure.error });
  return outcome;
}

/** Undefined when it cannot be sent again, and has no receive left. */
async function schedule(
  context: InvocationContext,
  received: Received,
  counts: FailedCounts,
  seconds: number,
): Promise<Outcome | undefined> {
  const { record, attempts } = received;
  if (isFifoName(record.eventSourceARN)) {
    // It stays in the queue, in flight, and so blocks its group: a copy at the queue's end would lose its place.
    await noteFailed(context, received, counts);
  } else {
    const sent = await sendAgain(context, record, carriedAfter(received, counts), seconds).then(
      () => true,
      () => false,
    );
    if (sent) return "postponed";
    if (attempts.unexplained + 1 >= context.config.maxReceiveCount) return undefined;
  }
  await hide(context, record, seconds);
  return "retry";
}

/**
 * Makes a record that stays in the queue visible after so many seconds; the caller reports it as failed. Without the call it
 * comes back when its visibility timeout ends.
 */
export async function hide(
  { settling, config }: InvocationContext,
  { receiptHandle }: SQSRecord,
  seconds: number,
): Promise<void> {
  try {
    const { ChangeMessageVisibilityCommand } = await loadSqs();
    await settling.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: config.queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  } catch {
    // The visibility timeout does the same, later.
  }
}
