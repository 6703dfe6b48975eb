import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import * as v from "valibot";

/** `handling`: what the service could not handle. `delivery`: what SNS could not deliver to the service's queue. */
export type LetterKind = "handling" | "delivery";

/** A message received from a dead-letter queue. */
export interface DeadLetter {
  readonly of: LetterKind;
  /** Name of its dead-letter queue. */
  readonly queue: string;
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /**
   * Milliseconds since 1970; absent if SQS does not say. SQS deletes the letter 14 days later, or 14 days after it was first
   * enqueued if SQS moved it.
   */
  readonly sentAt?: number;
  /** When a message of this event was first received, as far as is known, in milliseconds since 1970. */
  readonly firstSeenAt?: number;
  /** The message group, if it has one. */
  readonly groupId?: string;
  /** The readable fields of the body's envelope; empty if the body is not an envelope. */
  readonly event: Readonly<Partial<Record<EnvelopeField, string>>>;
  /** Why it is dead; absent if SQS moved it or SNS could not deliver it: neither gives a reason. */
  readonly reason?: DeadLetterReason;
  /** How often it has been redriven, as far as is known. */
  readonly redrives: number;
  /** When its data was last edited, RFC 3339. */
  readonly editedAt?: string;
  /** All message attributes. */
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
}

/** The envelope fields that letters are filtered by. */
export const ENVELOPE_FIELDS = ["id", "type", "subject", "source", "time", "correlationid", "causationid"] as const;
type EnvelopeField = (typeof ENVELOPE_FIELDS)[number];

/** The message attributes with which the runtime dead-letters a record: see lib/runtime/record/dead-letter.ts. */
export const REASON_FIELDS = [
  "errorName",
  "errorMessage",
  "errorStack",
  "attempts",
  "firstReceivedAt",
  "deadAt",
  "consumer",
  "consumerVersion",
  "originalMessageId",
] as const;
type ReasonField = (typeof REASON_FIELDS)[number];

/** The recorded reason. */
export type DeadLetterReason = Readonly<{ errorName: string } & Partial<Record<ReasonField, string>>>;

/** Fields that only the runtime records: a message of another origin may well have an attribute `errorName`. */
const SIGNATURE = ["errorName", "consumer", "originalMessageId"] as const;

/** The message attribute with the time of an event's first receive, RFC 3339: the runtime records it, and a redrive keeps it. */
export const FIRST_RECEIVED: ReasonField = "firstReceivedAt";

/** The message attribute that counts how often a message has been redriven. */
export const REDRIVES = "redrives";

/** The message attribute with the time when a letter's data was edited, RFC 3339. */
export const EDITED = "edited";

/** A received message as a dead letter; undefined for one without id or receipt handle, which SQS does not send. */
export function letterOf(message: Message, { of, name }: { of: LetterKind; name: string }): DeadLetter | undefined {
  const { MessageId: messageId, ReceiptHandle: receiptHandle, Body: body = "", Attributes = {} } = message;
  if (!messageId || !receiptHandle) return undefined;
  const attributes = message.MessageAttributes ?? {};
  const groupId = Attributes.MessageGroupId;
  const reason = reasonOf(attributes);
  const editedAt = attributes[EDITED]?.StringValue;
  const sentAt = timeOf(Attributes.SentTimestamp);
  // Without the runtime's reason or a redrive's count, an attribute of that name is the publisher's own.
  const isOurs = reason !== undefined || attributes[REDRIVES] !== undefined;
  const firstSeenAt = (isOurs ? timeOf(attributes[FIRST_RECEIVED]?.StringValue) : undefined) ?? sentAt;
  return {
    of,
    queue: name,
    messageId,
    receiptHandle,
    body,
    ...(sentAt !== undefined && { sentAt }),
    ...(firstSeenAt !== undefined && { firstSeenAt }),
    event: eventOf(body),
    redrives: Number(attributes[REDRIVES]?.StringValue ?? 0) || 0,
    attributes,
    ...(groupId !== undefined && { groupId }),
    ...(reason && { reason }),
    ...(editedAt !== undefined && { editedAt }),
  };
}

/** Why a letter is dead, in one line. */
export function reasonLine({ of, reason }: Pick<DeadLetter, "of" | "reason">): string {
  if (reason) return `${reason.errorName}: ${reason.errorMessage?.trim().split("\n", 1)[0] ?? ""}`;
  return of === "handling" ? "moved by SQS, no reason recorded" : "not delivered by SNS, no reason recorded";
}

/** A letter's body, parsed; undefined if it is not JSON. */
export function parsedBody({ body }: Pick<DeadLetter, "body">): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const text = v.fallback(v.optional(v.string()), undefined);
const envelopeTexts = v.object({
  id: text,
  type: text,
  subject: text,
  source: text,
  time: text,
  correlationid: text,
  causationid: text,
} satisfies Record<EnvelopeField, typeof text>);

/** The subject in a body's envelope, if it has one. */
export function parsedSubject(body: string): string | undefined {
  return eventOf(body).subject;
}

function eventOf(body: string): DeadLetter["event"] {
  const envelope = v.safeParse(envelopeTexts, parsedBody({ body }));
  if (!envelope.success) return {};
  return pick(ENVELOPE_FIELDS, (name) => envelope.output[name]);
}

function reasonOf(attributes: DeadLetter["attributes"]): DeadLetterReason | undefined {
  const fields = pick(REASON_FIELDS, (name) => attributes[name]?.StringValue);
  if (SIGNATURE.some((name) => fields[name] === undefined)) return undefined;
  return { ...fields, errorName: fields.errorName ?? "Error" };
}

/** Milliseconds since 1970, given as such or as RFC 3339; undefined for anything else. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function pick<Name extends string>(names: readonly Name[], value: (name: Name) => string | undefined) {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const one = value(name);
    if (one !== undefined) found[name] = one;
  }
  return found;
}
