import { ChangeMessageVisibilityCommand } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { SQS_VISIBILITY_SECONDS } from "../../contracts/limits.ts";
import { RetryLaterError } from "../errors.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import type { ConsumerContext, LogFields, Outcome } from "./consumer-context.ts";

/** Longest wait before the second attempt, in seconds; doubled for each further one. */
const BACKOFF_SECONDS = 1;

/** Longest wait of all. */
const BACKOFF_LIMIT_SECONDS = 15 * 60;

/** How often SQS has delivered the record, including this time. */
export function attemptOf(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}

/** Whether SQS would move the record to the dead-letter queue, without a reason, on its next receive. */
export function isLastAttempt({ config }: Pick<ConsumerContext, "config">, record: SQSRecord): boolean {
  return attemptOf(record) >= config.maxReceiveCount;
}

/** Seconds until the next attempt: exponential with full jitter, and at least one. */
export function backoffSeconds(attempt: number, random: number = Math.random()): number {
  const limit = Math.min(BACKOFF_LIMIT_SECONDS, SQS_VISIBILITY_SECONDS, BACKOFF_SECONDS * 2 ** (attempt - 1));
  return Math.max(1, Math.ceil(random * limit));
}

/** Schedules a failed record's next attempt, and logs it. */
export async function retry(context: ConsumerContext, record: SQSRecord, error: Error, fields: LogFields): Promise<Outcome> {
  // Without the backoff the record comes back when its visibility timeout ends: later, but it does.
  const seconds = await delayRetry(context.clients.sqs, context.config, record).catch(() => undefined);
  const details = fields("retry", { retryInSeconds: seconds, reason: error.message });
  if (error instanceof RetryLaterError) context.log.info("event retried later", details);
  else context.log.warn("event failed, retried later", { ...details, error });
  return "retry";
}

/** Makes the record visible again after the backoff of its attempt; returns the seconds. The caller reports it as failed. */
export async function delayRetry(sqs: Clients["sqs"], { queueUrl }: ServiceConfig, record: SQSRecord): Promise<number> {
  const seconds = backoffSeconds(attemptOf(record));
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
  return seconds;
}

/**
 * Makes unhandled records visible again at once; in a FIFO group they stay behind the one that holds them up. The caller
 * reports them as failed. When a call fails, the record comes back when its visibility timeout ends.
 */
export async function putBack(sqs: Clients["sqs"], { queueUrl }: ServiceConfig, records: readonly SQSRecord[]): Promise<void> {
  // The last one first, so that the queue never sees a later record without the earlier ones.
  for (const { receiptHandle } of records.toReversed()) {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: 0,
    });
    await sqs.send(command).catch(() => undefined);
  }
}
