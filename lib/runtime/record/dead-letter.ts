import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { isFifoName } from "../../contracts/fifo.ts";
import { toError } from "../errors.ts";
import { loadSqs } from "../lambda/clients.ts";
import { sourceStack } from "../lambda/source-stack.ts";
import { attemptOf, type Received } from "../attempts/attempts.ts";
import type { InvocationContext, LogFields, Outcome } from "./consumer-context.ts";

/** Characters kept of an error's message and of its stack, so that the reason cannot push a dead letter over SQS's limit. */
const MESSAGE_LENGTH = 1_000;
const STACK_LENGTH = 4_000;

/** Sends the record to the dead-letter queue with its reason. Until that copy is safe, the record stays in the queue. */
export async function deadLetter(
  context: InvocationContext,
  received: Received,
  error: Error,
  fields: LogFields,
): Promise<Outcome> {
  try {
    await sendToDeadLetterQueue(context, received, error);
  } catch (unsent) {
    context.log.error("event not handled, and not sent to the dead-letter queue: SQS will move it", {
      ...fields("retry", { reason: error.message }),
      error: toError(unsent),
    });
    return "retry";
  }
  context.log.error("event dead", { ...fields("dead"), error });
  return "dead";
}

/** Copies the record to the dead-letter queue unchanged, with the reason in message attributes. */
async function sendToDeadLetterQueue({ settling, config }: InvocationContext, received: Received, error: Error): Promise<void> {
  const { record, attempts } = received;
  const reason = {
    errorName: error.name || "Error",
    errorMessage: error.message || "(no message)",
    errorStack: sourceStack(error) ?? "(no stack)",
    attempts: String(attemptOf(received)),
    firstReceivedAt: new Date(firstReceivedAt(received)).toISOString(),
    deadAt: new Date().toISOString(),
    consumer: config.service,
    consumerVersion: config.version,
    originalMessageId: attempts.messageId,
  };
  const cut: Record<string, number> = { errorMessage: MESSAGE_LENGTH, errorStack: STACK_LENGTH };
  const { SendMessageCommand } = await loadSqs();
  await settling.sqs.send(
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

/**
 * When the event was first received, in milliseconds since 1970. A redrive keeps the time from before it: by that the next one knows
 * whether the inbox may have forgotten a copy of the event.
 */
function firstReceivedAt({ record, attempts }: Received): number {
  const { redrives, originalMessageId, firstReceivedAt: noted } = record.messageAttributes;
  // Else an attribute of that name is the publisher's own. SQS's own redrive keeps all of a dead letter.
  const isOurs = redrives !== undefined || originalMessageId !== undefined;
  const before = isOurs ? Date.parse(noted?.stringValue ?? "") : NaN;
  return Math.min(attempts.firstReceivedAt, before || Infinity);
}

/** How often an operator has redriven the event, as `fanfare dlq redrive` counts it: the tenth attribute, and SQS takes ten. */
function redrivesOf({ messageAttributes: { redrives } }: SQSRecord): Record<string, MessageAttributeValue> {
  return redrives?.stringValue ? { redrives: { DataType: "Number", StringValue: redrives.stringValue } } : {};
}

/** What a FIFO queue requires: the record's own group, and an id that makes a copy sent twice one message. */
function fifoFields({ attributes: { MessageGroupId }, eventSourceARN, messageId }: SQSRecord) {
  return isFifoName(eventSourceARN) && MessageGroupId !== undefined
    ? { MessageGroupId, MessageDeduplicationId: messageId }
    : {};
}

/** Replaces the characters that SQS refuses. AWSSimpleQueueService, SendMessage, "MessageBody" */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "?");
}
