import { account } from "../../../../shared/account.ts";
import { AwsError } from "../../../../shared/aws-error.ts";
import type { MessageAttributes } from "../../../delivery.ts";
import type { Input } from "../../../protocols/input.ts";
import { md5, md5OfAttributes } from "../../engine/messages/digest.ts";
import { SETTABLE } from "../../engine/attributes.ts";
import type { Queue } from "../../engine/queue.ts";
import type { Received } from "../../engine/received.ts";
import { notForThisType } from "../refusals.ts";

/** SQS API reference, ReceiveMessage: MessageSystemAttributeNames. */
const SYSTEM_ATTRIBUTES = [
  "SenderId",
  "SentTimestamp",
  "ApproximateReceiveCount",
  "ApproximateFirstReceiveTimestamp",
  "SequenceNumber",
  "MessageDeduplicationId",
  "MessageGroupId",
  "AWSTraceHeader",
  "DeadLetterQueueSourceArn",
] as const;

/** Clients list names of queues' attributes here too, which SQS takes and does not follow. */
const KNOWN_NAMES: ReadonlySet<string> = new Set(["All", ...SYSTEM_ATTRIBUTES, ...SETTABLE]);

export async function receiveMessage(queue: Queue, input: Input, signal: AbortSignal): Promise<Record<string, unknown>> {
  const systemNames = new Set([...input.texts("AttributeNames"), ...input.texts("MessageSystemAttributeNames")]);
  for (const name of systemNames) {
    if (!KNOWN_NAMES.has(name)) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
  }
  const isAsked = attributeFilter(input.texts("MessageAttributeNames"));
  const attemptId = input.optionalText("ReceiveRequestAttemptId");
  if (attemptId !== undefined && !queue.fifo) throw notForThisType("ReceiveRequestAttemptId", attemptId);
  const received = await queue.receive({
    attemptId,
    maximum: input.integer("MaxNumberOfMessages") ?? 1,
    visibilityTimeoutSeconds: input.integer("VisibilityTimeout"),
    waitSeconds: input.integer("WaitTimeSeconds"),
    signal,
    mayHangUp: true,
  });
  if (received.length === 0) return {};
  return { Messages: received.map((each) => handedOut(queue, each, systemNames, isAsked)) };
}

/** All system attributes of a message as it was received; those that it does not have are left out. */
export function systemAttributes(queue: Queue, { message, receiveCount }: Received): Record<string, string> {
  const { groupId, deduplicationId, traceHeader, deadLetterSource } = message;
  return {
    SenderId: account.id,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...(queue.fifo && { SequenceNumber: message.sequenceNumber }),
    ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(traceHeader !== undefined && { AWSTraceHeader: traceHeader }),
    ...(deadLetterSource !== undefined && { DeadLetterQueueSourceArn: deadLetterSource }),
  };
}

function handedOut(
  queue: Queue,
  received: Received,
  systemNames: ReadonlySet<string>,
  isAsked: (name: string) => boolean,
): Record<string, unknown> {
  const { message, receiptHandle } = received;
  const system = systemNames.size === 0 ? [] : Object.entries(systemAttributes(queue, received));
  const asked = systemNames.has("All") ? system : system.filter(([name]) => systemNames.has(name));
  const attributes: MessageAttributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => isAsked(name)),
  );
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(asked.length > 0 && { Attributes: Object.fromEntries(asked) }),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest, MessageAttributes: attributes }),
  };
}

/** Which message attributes are asked for: by name, all (`All`, `*`, `.*`), or by a beginning (`bar.*`). */
function attributeFilter(names: readonly string[]): (name: string) => boolean {
  if (names.length === 0) return () => false;
  if (names.some((name) => name === "All" || name === "*" || name === ".*")) return () => true;
  const whole = new Set(names);
  const beginnings = names.filter((name) => name.endsWith(".*")).map((name) => name.slice(0, -2));
  return (name) => whole.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}
