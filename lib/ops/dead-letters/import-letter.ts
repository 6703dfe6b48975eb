import { hash } from "node:crypto";
import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { isFifoName } from "../../contracts/fifo.ts";
import { RAW_DELIVERY_ATTRIBUTES } from "../../contracts/limits.ts";
import { OpsError } from "../errors.ts";
import { jsonFault } from "../json-fault.ts";
import { FIRST_RECEIVED, REASON_FIELDS } from "./letter.ts";
import type { LetterQueue, ServiceQueues } from "./queues.ts";

const attribute = v.object({
  DataType: v.string(),
  StringValue: v.optional(v.string()),
  BinaryValue: v.optional(v.pipe(v.string(), v.base64())),
});

/** A line of `exportLine`, as far as a letter is made of it. */
const exported = v.object({
  of: v.picklist(["handling", "delivery"]),
  queue: v.string(),
  messageId: v.string(),
  sentAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  groupId: v.optional(v.string()),
  reason: v.optional(v.record(v.picklist(REASON_FIELDS), v.optional(v.string()))),
  attributes: v.optional(v.record(v.string(), attribute), {}),
  body: v.string(),
});

/** A letter that was written to a file. */
export type ExportedLetter = v.InferOutput<typeof exported>;

/** Reads a line that `fanfare dlq export` or `purge` wrote. @throws OpsError that says what is wrong with it */
export function parseExportLine(line: string): ExportedLetter {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new OpsError(`not JSON: ${jsonFault(error)}`);
  }
  const result = v.safeParse(exported, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new OpsError(`not a line of \`fanfare dlq export\`: ${v.getDotPath(issue) ?? "the line"}: ${issue.message}`);
}

/**
 * The dead-letter queue that a letter belongs into.
 *
 * @throws OpsError when it is another service's, or there is no such queue in the stage.
 */
export function queueOf({ of, queue, reason }: ExportedLetter, queues: ServiceQueues): LetterQueue {
  const consumer = reason?.consumer;
  if (consumer !== undefined && consumer !== queues.service) {
    throw new OpsError(`a letter of the service ${consumer}, not of ${queues.service}`);
  }
  if (of === "handling") return queues.deadLetters;
  const found = queues.undelivered.find(({ name }) => name === queue);
  if (!found)
    throw new OpsError(`there is no queue ${queue}: expected ${queues.undelivered.map(({ name }) => name).join(", ")}`);
  return found;
}

/**
 * Puts an exported letter into a dead-letter queue, body and attributes as they were. Returns the new message's id. On a FIFO
 * queue a second attempt within five minutes puts no second letter there.
 */
export async function importLetter(
  sqs: Pick<SQSClient, "send">,
  letter: ExportedLetter,
  to: Pick<LetterQueue, "name" | "url">,
): Promise<string> {
  const { body, groupId, messageId } = letter;
  const { MessageId } = await sqs.send(
    new SendMessageCommand({
      QueueUrl: to.url,
      MessageBody: body,
      MessageAttributes: attributesOf(letter),
      ...(groupId !== undefined && { MessageGroupId: groupId }),
      ...(isFifoName(to.name) && { MessageDeduplicationId: hash("sha256", `import\n${messageId}\n${body}`) }),
    }),
  );
  if (!MessageId) throw new Error(`${to.name} did not confirm the message`);
  return MessageId;
}

function attributesOf({ attributes, reason = {}, sentAt }: ExportedLetter): Record<string, MessageAttributeValue> {
  const first = reason.firstReceivedAt === undefined && sentAt !== undefined && { [FIRST_RECEIVED]: text(sentAt) };
  const reasons = Object.entries(reason).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, text(value)] as const],
  );
  const own = Object.entries(attributes).map(([name, { BinaryValue, DataType, StringValue }]) => {
    const value = BinaryValue === undefined ? { StringValue } : { BinaryValue: Buffer.from(BinaryValue, "base64") };
    return [name, { DataType, ...value }] as const;
  });
  const all = { ...Object.fromEntries(own), ...Object.fromEntries(reasons) };
  // SQS takes as many attributes as raw delivery: those of the letter leave no room for the time.
  return Object.keys(all).length < RAW_DELIVERY_ATTRIBUTES ? { ...first, ...all } : all;
}

function text(StringValue: string): MessageAttributeValue {
  return { DataType: "String", StringValue };
}
