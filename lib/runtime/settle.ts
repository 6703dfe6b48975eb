import { ChangeMessageVisibilityCommand, type MessageAttributeValue, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { isFifoName } from "../contracts/fifo.ts";
import { SQS_VISIBILITY_SECONDS } from "../contracts/limits.ts";
import type { Clients } from "./clients.ts";
import type { ServiceConfig } from "./config.ts";

/** Longest wait before the second attempt, in seconds; doubled for each further one. */
const BACKOFF_SECONDS = 1;

/** Longest wait of all. */
const BACKOFF_LIMIT_SECONDS = 15 * 60;

/** Characters kept of an error's message and of its stack: a dead letter must not outgrow SQS for its reason. */
const MESSAGE_LENGTH = 1_000;
const STACK_LENGTH = 4_000;

/** How often SQS has handed the record out, this time included. */
export function attemptOf(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}

/** Seconds until the next attempt: exponential with full jitter, and at least one. */
export function backoffSeconds(attempt: number, random: number = Math.random()): number {
  const limit = Math.min(BACKOFF_LIMIT_SECONDS, SQS_VISIBILITY_SECONDS, BACKOFF_SECONDS * 2 ** (attempt - 1));
  return Math.max(1, Math.ceil(random * limit));
}

/** Lets the record come back after the backoff of its attempt. The caller reports it as failed. */
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
 * Lets records that were not handled come back at once; those of a FIFO group do so behind the one that holds them up. The
 * caller reports them as failed. Where it fails they come back when their visibility timeout ends.
 */
export async function putBack(sqs: Clients["sqs"], { queueUrl }: ServiceConfig, records: readonly SQSRecord[]): Promise<void> {
  // The last one first, so that they lie in order again whatever the queue makes of the moments between.
  for (const { receiptHandle } of records.toReversed()) {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: 0,
    });
    await sqs.send(command).catch(() => undefined);
  }
}

/** Copies the record to the dead-letter queue, as it came, with the reason in its message attributes. */
export async function sendToDeadLetters(
  sqs: Clients["sqs"],
  config: ServiceConfig,
  record: SQSRecord,
  error: Error,
): Promise<void> {
  const firstReceived = new Date(Number(record.attributes.ApproximateFirstReceiveTimestamp));
  const reason = {
    errorName: error.name || "Error",
    errorMessage: error.message || "(no message)",
    errorStack: error.stack ?? "(no stack)",
    attempts: String(attemptOf(record)),
    firstReceivedAt: firstReceived.toISOString(),
    deadAt: new Date().toISOString(),
    consumer: config.service,
    consumerVersion: config.version,
    originalMessageId: record.messageId,
  };
  const cut: Record<string, number> = { errorMessage: MESSAGE_LENGTH, errorStack: STACK_LENGTH };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: config.deadLetterQueueUrl,
      MessageBody: record.body,
      ...fifoFields(record),
      MessageAttributes: {
        ...Object.fromEntries(
          Object.entries(reason).map(([name, text]): [string, MessageAttributeValue] => [
            name,
            { DataType: "String", StringValue: printable(text).slice(0, cut[name]) },
          ]),
        ),
        ...redrivesOf(record),
      },
    }),
  );
}

/** How often an operator has sent the event back, as `fanfare dlq redrive` counts it: the tenth attribute, and SQS takes ten. */
function redrivesOf({ messageAttributes: { redrives } }: SQSRecord): Record<string, MessageAttributeValue> {
  return redrives?.stringValue ? { redrives: { DataType: "Number", StringValue: redrives.stringValue } } : {};
}

/** What a FIFO queue asks for: the record's own group, and an id by which a copy sent twice is one. */
function fifoFields({ attributes: { MessageGroupId }, eventSourceARN, messageId }: SQSRecord) {
  return isFifoName(eventSourceARN) && MessageGroupId !== undefined
    ? { MessageGroupId, MessageDeduplicationId: messageId }
    : {};
}

/** Without the characters that SQS refuses: AWSSimpleQueueService, SendMessage, "MessageBody". */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "?");
}
