import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { printableJson } from "../printable.ts";
import type { DeadLetter } from "./letter.ts";

/** A letter as one line of JSON, with its body unchanged. The attributes that make up the reason are only in `reason`. */
export function exportLine(letter: DeadLetter): string {
  const { of, queue, messageId, sentAt, groupId, event, reason, redrives, editedAt, attributes, body } = letter;
  const others = Object.entries(attributes).filter(([name]) => !Object.hasOwn(reason ?? {}, name));
  return printableJson({
    queue,
    of,
    messageId,
    sentAt: sentAt === undefined ? undefined : new Date(sentAt).toISOString(),
    groupId,
    event,
    reason,
    redrives,
    editedAt,
    body,
    attributes: Object.fromEntries(others.map(([name, value]) => [name, plain(value)])),
  });
}

function plain({ DataType, StringValue, BinaryValue }: MessageAttributeValue) {
  return { DataType, StringValue, BinaryValue: BinaryValue && Buffer.from(BinaryValue).toString("base64") };
}
