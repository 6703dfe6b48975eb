import { AwsError } from "../../../../shared/aws-error.ts";
import type { MessageAttribute, MessageAttributes } from "../../../delivery.ts";
import type { NewMessage } from "../../engine/messages/message.ts";
import type { Queue } from "../../engine/queue.ts";
import { invalidParameter, invalidValue, missingParameter, notForThisType } from "../refusals.ts";

/** What a message and its attributes cannot contain: SQS API reference, SendMessage. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** SQS API reference, SendMessage: MessageGroupId and MessageDeduplicationId. */
const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

/** SQS API reference, SendMessage: DelaySeconds. */
const LONGEST_DELAY_SECONDS = 900;

/** AWSSimpleQueueService, "Amazon SQS message metadata". */
const MOST_ATTRIBUTES = 10;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.$)(?!.*\.\.)[\p{L}\p{N}_.-]{1,256}$/iu;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/u;
const LONGEST_TYPE = 256;

/** Bytes of a message: its body, and names, types and values of its attributes. */
export function sizeOf({ body, attributes = {} }: NewMessage): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = "", BinaryValue = "" }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += Buffer.byteLength(BinaryValue, "base64");
  }
  return bytes;
}

/** Checks a message that is sent to a queue, but for its size. @throws AwsError as SQS does */
export function checkMessage(queue: Queue, message: NewMessage): void {
  const { body, attributes, groupId, deduplicationId, delaySeconds } = message;
  if (body === "") throw missingParameter("MessageBody");
  if (FORBIDDEN.test(body)) {
    const valid = "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
    throw new AwsError("InvalidMessageContents", `Invalid characters found. Valid unicode characters are ${valid}`);
  }
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > LONGEST_DELAY_SECONDS)) {
    throw invalidValue(delaySeconds, "DelaySeconds", `DelaySeconds must be >= 0 and <= ${LONGEST_DELAY_SECONDS}.`);
  }
  if (attributes) checkAttributes(attributes);
  checkId("MessageGroupId", groupId);
  checkId("MessageDeduplicationId", deduplicationId);
  if (queue.fifo) checkFifo(queue, message);
  else if (deduplicationId !== undefined) throw notForThisType("MessageDeduplicationId", deduplicationId);
  if (queue.fifo && delaySeconds) throw notForThisType("DelaySeconds", delaySeconds);
}

/** @throws AwsError where a message is larger than its queue takes */
export function checkSize(queue: Queue, message: NewMessage): void {
  const { maximumMessageBytes } = queue.settings;
  if (sizeOf(message) <= maximumMessageBytes) return;
  throw invalidParameter(
    `One or more parameters are invalid. Reason: Message must be shorter than ${maximumMessageBytes} bytes.`,
  );
}

function checkFifo(queue: Queue, { groupId, deduplicationId }: NewMessage): void {
  if (groupId === undefined) throw missingParameter("MessageGroupId");
  if (deduplicationId !== undefined || queue.settings.contentBasedDeduplication) return;
  const message =
    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
  throw invalidParameter(message);
}

function checkId(parameter: string, id: string | undefined): void {
  if (id === undefined || ID.test(id)) return;
  const reason = `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
  throw invalidValue(id, parameter, reason);
}

function checkAttributes(attributes: MessageAttributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > MOST_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of entries) {
    checkName(name);
    checkValue(name, attribute);
  }
}

function checkName(name: string): void {
  if (ATTRIBUTE_NAME.test(name)) return;
  const rules =
    "Message (user) attribute name can only contain the letters, digits, hyphens, underscores and periods; it cannot start with AWS. or " +
    "Amazon., start or end with a period or have two in a row, and is 1 to 256 characters long";
  throw invalidParameter(`Invalid message attribute name '${name}'. ${rules}.`);
}

function checkValue(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void {
  const [kind = ""] = DataType.split(".", 1);
  if (!ATTRIBUTE_TYPE.test(DataType) || DataType.length > LONGEST_TYPE) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = kind === "Binary" ? BinaryValue : StringValue;
  const isEmpty = kind === "Binary" ? Buffer.byteLength(value ?? "", "base64") === 0 : !value;
  if (value === undefined || isEmpty) {
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);
  }
  if (StringValue !== undefined && FORBIDDEN.test(StringValue)) {
    throw invalidParameter(`Invalid characters in the value of message (user) attribute '${name}'.`);
  }
  if (kind === "Number" && !/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}
