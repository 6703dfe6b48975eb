import { AwsError } from "../../../../shared/aws-error.ts";
import type { WireRequest } from "../../../call.ts";
import type { MessageAttributes } from "../../../delivery.ts";
import type { Input } from "../../../protocols/input.ts";
import { md5, md5OfAttributes } from "../../engine/messages/digest.ts";
import { type NewMessage, sequenceNumber } from "../../engine/messages/message.ts";
import type { Queue } from "../../engine/queue.ts";
import { type Entry, entriesOf, eachEntry } from "./batch.ts";
import { checkMessage, checkSize, sizeOf } from "./check-message.ts";
import { invalidParameter } from "../refusals.ts";

/** SQS API reference, SendMessageBatch: the size of all entries together. */
const BATCH_BYTES = 1_048_576;
const TRACE_HEADER = "AWSTraceHeader";

export function sendMessage(queue: Queue, input: Input, request: WireRequest): Record<string, unknown> {
  const message = messageOf(input, request);
  checkMessage(queue, message);
  checkSize(queue, message);
  return send(queue, message, input);
}

export function sendMessageBatch(queue: Queue, input: Input, request: WireRequest): Record<string, unknown> {
  const entries = entriesOf(input, "SendMessageBatch");
  const messages = new Map(entries.map((entry) => [entry, messageOf(entry.input, request)]));
  checkTotal([...messages.values()]);
  checkIds(queue, [...messages.values()]);
  return eachEntry(entries, (entry: Entry) => {
    const message = messages.get(entry) ?? messageOf(entry.input, request);
    checkMessage(queue, message);
    checkSizeInBatch(queue, message);
    return send(queue, message, entry.input);
  });
}

/** Message attributes of an input, in the form in which they are kept. */
export function attributesOf(input: Input, member: string): MessageAttributes {
  return Object.fromEntries(
    input.structureMap(member).map(([name, value]) => {
      const StringValue = value.optionalText("StringValue");
      const BinaryValue = value.optionalText("BinaryValue");
      const attribute = {
        DataType: value.optionalText("DataType") ?? "",
        ...(StringValue !== undefined && { StringValue }),
        ...(BinaryValue !== undefined && { BinaryValue }),
      };
      return [name, attribute] as const;
    }),
  );
}

function messageOf(input: Input, { headers }: WireRequest): NewMessage {
  const header = headers["x-amzn-trace-id"];
  const traceHeader = systemAttributesOf(input)[TRACE_HEADER]?.StringValue;
  return {
    body: input.text("MessageBody"),
    ...(input.has("MessageAttributes") && { attributes: attributesOf(input, "MessageAttributes") }),
    groupId: input.optionalText("MessageGroupId"),
    deduplicationId: input.optionalText("MessageDeduplicationId"),
    traceHeader: traceHeader ?? (typeof header === "string" ? header : undefined),
    delaySeconds: input.integer("DelaySeconds"),
  };
}

/** X-Ray's header is the only one that there is: SQS API reference, SendMessage. */
function systemAttributesOf(input: Input): MessageAttributes {
  const attributes = attributesOf(input, "MessageSystemAttributes");
  for (const [name, { DataType }] of Object.entries(attributes)) {
    if (name !== TRACE_HEADER) throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    if (DataType !== "String") throw invalidParameter(`The type of message system attribute '${name}' must be String.`);
  }
  return attributes;
}

function send(queue: Queue, message: NewMessage, input: Input): Record<string, unknown> {
  const { messageId, order } = queue.send(message);
  const attributesDigest = md5OfAttributes(message.attributes ?? {});
  const systemDigest = md5OfAttributes(attributesOf(input, "MessageSystemAttributes"));
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(message.body),
    ...(attributesDigest !== undefined && { MD5OfMessageAttributes: attributesDigest }),
    ...(systemDigest !== undefined && { MD5OfMessageSystemAttributes: systemDigest }),
    ...(queue.fifo && { SequenceNumber: sequenceNumber(order) }),
  };
}

function checkTotal(messages: readonly NewMessage[]): void {
  const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
  if (bytes <= BATCH_BYTES) return;
  const message = `Batch requests cannot be longer than ${BATCH_BYTES} bytes. You have sent ${bytes} bytes.`;
  throw new AwsError("BatchRequestTooLong", message);
}

/** An entry without the ids that its FIFO queue needs fails the whole batch, as recorded of AWS; other faults fail their entry. */
function checkIds(queue: Queue, messages: readonly NewMessage[]): void {
  if (!queue.fifo) return;
  if (messages.some(({ groupId }) => groupId === undefined)) {
    throw invalidParameter("The request must contain the parameter MessageGroupId.");
  }
  const needsId = !queue.settings.contentBasedDeduplication;
  if (needsId && messages.some(({ deduplicationId }) => deduplicationId === undefined)) {
    const message =
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
    throw invalidParameter(message);
  }
}

function checkSizeInBatch(queue: Queue, message: NewMessage): void {
  const { maximumMessageBytes } = queue.settings;
  if (sizeOf(message) <= maximumMessageBytes) return;
  const reason = `Message must be shorter than ${maximumMessageBytes} bytes.`;
  throw invalidParameter(`One or more parameters cannot be validated. Reason: ${reason}`);
}
