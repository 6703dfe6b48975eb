import { hash } from "node:crypto";
import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { RAW_DELIVERY_ATTRIBUTES } from "../../contracts/limits.ts";
import { ATTEMPTS_ATTRIBUTE } from "../../runtime/attempts/attempts.ts";
import { snsId } from "../../runtime/publish/prepare-message.ts";
import { type DeadLetter, EDITED, FIRST_RECEIVED, parsedSubject, REASON_FIELDS, REDRIVES } from "./letter.ts";

/** Most attributes of one message: SQS takes as many as raw delivery. */
const ATTRIBUTES = RAW_DELIVERY_ATTRIBUTES;

export interface Destination {
  readonly name: string;
  readonly url: string;
}

type Attributes = DeadLetter["attributes"];

/**
 * Sends a letter's body back to its service's queue, with its own attributes, without those of the reason and of its attempts,
 * which begin anew, and with a count of its redrives and the time of its first receive. Returns the new message's id.
 */
export async function sendBack(
  sqs: Pick<SQSClient, "send">,
  letter: DeadLetter,
  to: Destination,
  body = letter.body,
): Promise<string> {
  const { attributes, reason, redrives, firstSeenAt } = letter;
  const marked = [REDRIVES, EDITED, ATTEMPTS_ATTRIBUTE];
  const foreign = without(attributes, reason ? [...REASON_FIELDS, ...marked] : [FIRST_RECEIVED, ...marked]);
  const own = reason ? { ...typeOf(letter), ...foreign } : foreign;
  const marks = {
    [REDRIVES]: attribute(String(redrives + 1), "Number"),
    ...(firstSeenAt !== undefined && { [FIRST_RECEIVED]: attribute(new Date(firstSeenAt).toISOString()) }),
  };
  // The message's own attributes leave no room for a mark: the mark gives way.
  const room = Math.max(0, ATTRIBUTES - Object.keys(own).length);
  return send(sqs, letter, to, body, { ...own, ...Object.fromEntries(Object.entries(marks).slice(0, room)) });
}

/** Puts a letter with another body into its own dead-letter queue, with all its attributes. Returns the new message's id. */
export async function putEdited(
  sqs: Pick<SQSClient, "send">,
  letter: DeadLetter,
  to: Destination,
  body: string,
): Promise<string> {
  const marked = { ...letter.attributes, [EDITED]: attribute(new Date().toISOString()) };
  // The stack comes from the old data: it is dropped first.
  const fitting = Object.keys(marked).length > ATTRIBUTES ? without(marked, ["errorStack"]) : marked;
  return send(sqs, letter, to, body, Object.keys(fitting).length > ATTRIBUTES ? letter.attributes : fitting);
}

async function send(
  sqs: Pick<SQSClient, "send">,
  letter: DeadLetter,
  to: Destination,
  body: string,
  attributes: Attributes,
): Promise<string> {
  const groupId = groupOf(letter, body);
  const { MessageId } = await sqs.send(
    new SendMessageCommand({
      QueueUrl: to.url,
      MessageBody: body,
      MessageAttributes: { ...attributes },
      ...(groupId !== undefined && { MessageGroupId: groupId }),
      // A second attempt at the same letter is the same message; another letter of the event, or another edit, is not.
      ...(isFifoName(to.name) && { MessageDeduplicationId: hash("sha256", `${letter.messageId}\n${body}`) }),
    }),
  );
  if (!MessageId) throw new Error(`${to.name} did not confirm the message`);
  return MessageId;
}

/** The letter's group: where that is the event's subject, the subject of the body that is sent. */
function groupOf({ groupId, event: { subject } }: DeadLetter, body: string): string | undefined {
  const now = parsedSubject(body);
  if (groupId === undefined || subject === undefined || now === undefined) return groupId;
  return groupId === snsId(subject) ? snsId(now) : groupId;
}

/** The attribute that subscriptions filter by; a dead letter does not keep it, but its body has the type too. */
function typeOf({ attributes, event: { type } }: DeadLetter): Attributes {
  if (attributes["type"]) return { type: attributes["type"] };
  return type !== undefined && /^[\w.-]+$/.test(type) ? { type: attribute(type) } : {};
}

function without(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

function attribute(StringValue: string, DataType = "String"): MessageAttributeValue {
  return { DataType, StringValue };
}
