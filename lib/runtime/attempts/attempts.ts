import type { SQSRecord } from "aws-lambda";

/** What is known of an event's attempts before this one. */
export interface Attempts {
  /** Id of the message that first brought the event: it stays the same when the message is sent again. */
  readonly messageId: string;
  /** When that message was first received, in milliseconds since 1970. */
  readonly firstReceivedAt: number;
  /** From when the age of the event counts, in milliseconds since 1970; in a FIFO queue, from its first turn. */
  readonly triedSince: number;
  /** Attempts before this message was sent. */
  readonly earlier: number;
  /** Attempts that failed by the handler's own errors. */
  readonly failures: number;
  /** Attempts that failed because something else was unavailable. */
  readonly waits: number;
  /** Receives, since the last attempt that came to an end, of which nothing is known: the process may have ended in them. */
  readonly unexplained: number;
}

/** A record of a queue, and its event's earlier attempts. */
export interface Received {
  readonly record: SQSRecord;
  readonly attempts: Attempts;
}

/** The message attribute that carries the attempts of a message that the runtime sends again. */
export const ATTEMPTS_ATTRIBUTE = "earlierAttempts";

/** What that attribute carries, as JSON. */
type Carried = Omit<Attempts, "triedSince">;

/** How often SQS has delivered this message, including this time. */
export function receivesOf({ attributes }: SQSRecord): number {
  return Number(attributes.ApproximateReceiveCount);
}

/** Which attempt at the event this is, from 1. */
export function attemptOf({ record, attempts }: Received): number {
  return attempts.earlier + receivesOf(record);
}

/** A record of a standard queue with the attempts that its message carries. */
export function withCarriedAttempts(record: SQSRecord): Received {
  const firstReceivedAt = Number(record.attributes.ApproximateFirstReceiveTimestamp);
  const first = { messageId: record.messageId, firstReceivedAt, earlier: 0, failures: 0, waits: 0, unexplained: 0 };
  const carried = parseCarried(record.messageAttributes[ATTEMPTS_ATTRIBUTE]?.stringValue) ?? first;
  const unexplained = carried.unexplained + receivesOf(record) - 1;
  return { record, attempts: { ...carried, triedSince: carried.firstReceivedAt, unexplained } };
}

/** The count that an attempt has made greater by failing. */
export type FailedCounts = { readonly failures: number } | { readonly waits: number };

/** The attribute's text for a message that is sent again after an attempt that failed. */
export function carriedAfter(received: Received, counts: FailedCounts): string {
  return carriedText({ ...received.attempts, ...counts, earlier: attemptOf(received), unexplained: 0 });
}

/** The attribute's text for a message that is sent again without an attempt. */
export function carriedUnhandled(received: Received): string {
  return carriedText({ ...received.attempts, earlier: attemptOf(received) - 1 });
}

function carriedText({ messageId, firstReceivedAt, earlier, failures, waits, unexplained }: Carried): string {
  return JSON.stringify({ messageId, firstReceivedAt, earlier, failures, waits, unexplained } satisfies Carried);
}

/** Reads the attribute; undefined when it is missing, or not one that the runtime has written. */
function parseCarried(text: string | undefined): Carried | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const fields: Partial<Record<string, unknown>> = { ...(typeof value === "object" && value) };
    const { messageId, firstReceivedAt, earlier, failures, waits, unexplained } = fields;
    if (typeof messageId !== "string" || !isCount(firstReceivedAt) || !isCount(earlier)) return undefined;
    if (!isCount(failures) || !isCount(waits) || !isCount(unexplained)) return undefined;
    return { messageId, firstReceivedAt, earlier, failures, waits, unexplained };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
