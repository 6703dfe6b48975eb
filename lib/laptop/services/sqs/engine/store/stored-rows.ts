import type { SQLOutputValue } from "node:sqlite";
import { CloudError } from "../../../../shared/errors.ts";
import { isRecord } from "../../../../shared/json.ts";
import type { MessageAttribute, MessageAttributes } from "../../../delivery.ts";
import { Message, type NewMessage } from "../messages/message.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;

/** What a message has beside its body, as JSON; null where it has nothing. */
export function contentOf({ attributes, groupId, deduplicationId, traceHeader }: Message): string | null {
  const hasAttributes = Object.keys(attributes).length > 0;
  const hasAny = hasAttributes || groupId !== undefined || deduplicationId !== undefined || traceHeader !== undefined;
  return hasAny ? JSON.stringify({ ...(hasAttributes && { attributes }), groupId, deduplicationId, traceHeader }) : null;
}

export function readMessage(row: Row): Message {
  const content: NewMessage = { body: textIn(row, "body"), ...readContent(row["content"]) };
  const message = new Message(textIn(row, "id"), numberIn(row, "place"), numberIn(row, "sent"), content);
  message.retainedSince = numberIn(row, "retained");
  message.dueAt = numberIn(row, "due");
  message.receiveCount = numberIn(row, "receives");
  message.receivesHere = numberIn(row, "receives_here");
  if (row["first_received"] !== null) message.firstReceivedAt = numberIn(row, "first_received");
  if (row["source"] !== null) message.deadLetterSource = textIn(row, "source");
  return message;
}

/** @throws Error where the column is something else */
export function textIn(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : broken(column, "text");
}

/** @throws Error where the column is something else */
export function numberIn(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : broken(column, "a number");
}

/** An object of texts, in JSON. @throws Error where the column is something else */
export function recordIn(row: Row, column: string): Readonly<Record<string, string>> {
  const value: unknown = JSON.parse(textIn(row, column));
  if (!isRecord(value)) return broken(column, "an object");
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, typeof each === "string" ? each : broken(column, "an object of texts")]),
  );
}

function readContent(column: SQLOutputValue | undefined): Omit<NewMessage, "body"> {
  if (typeof column !== "string") return {};
  const content: unknown = JSON.parse(column);
  if (!isRecord(content)) return broken("content", "an object");
  const { attributes, groupId, deduplicationId, traceHeader } = content;
  return {
    ...(isRecord(attributes) && { attributes: readAttributes(attributes) }),
    ...(typeof groupId === "string" && { groupId }),
    ...(typeof deduplicationId === "string" && { deduplicationId }),
    ...(typeof traceHeader === "string" && { traceHeader }),
  };
}

function readAttributes(attributes: Readonly<Record<string, unknown>>): MessageAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, readAttribute(value)]));
}

function readAttribute(value: unknown): MessageAttribute {
  if (!isRecord(value) || typeof value["DataType"] !== "string") return broken("content", "message attributes");
  const { DataType, StringValue, BinaryValue } = value;
  return {
    DataType,
    ...(typeof StringValue === "string" && { StringValue }),
    ...(typeof BinaryValue === "string" && { BinaryValue }),
  };
}

function broken(column: string, expected: string): never {
  throw new CloudError(
    `The kept queues are broken: ${column} in cloud.sqlite is expected to be ${expected}. ` +
      "Restore it, or delete it to begin without what it held.",
  );
}
