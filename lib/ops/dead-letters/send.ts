import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { RAW_DELIVERY_ATTRIBUTES } from "../../contracts/limits.ts";
import { type DeadLetter, EDITED, REDRIVES } from "./letter.ts";

/** Most attributes of one message: SQS takes as many as raw delivery. */
const ATTRIBUTES = RAW_DELIVERY_ATTRIBUTES;

export interface Destination {
  readonly name: string;
  readonly url: string;
}

type Attributes = DeadLetter["attributes"];

/**
 * Sends a letter's body back to its service's queue, with its original attributes, without those of the reason, and with a
 * count of its redrives. Returns the new message's id.
 */
export async function sendBack(
  sqs: Pick<SQSClient, "send">,
  letter: DeadLetter,
  to: Destination,
  body = letter.body,
): Promise<string> {
  const own = letter.reason ? typeOf(letter) : without(letter.attributes, [REDRIVES, EDITED]);
  const marked = { ...own, [REDRIVES]: attribute(String(letter.redrives + 1), "Number") };
  // If the message's own attributes leave no room, the count is dropped.
  return send(sqs, letter, to, body, Object.keys(marked).length > ATTRIBUTES ? own : marked);
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
  { groupId, messageId }: DeadLetter,
  to: Destination,
  body: string,
  attributes: Attributes,
): Promise<string> {
  const { MessageId } = await sqs.send(
    new SendMessageCommand({
      QueueUrl: to.url,
      MessageBody: body,
      MessageAttributes: { ...attributes },
      ...(groupId !== undefined && { MessageGroupId: groupId }),
      // The letter's own id: a second attempt at the same letter is the same message, an earlier letter of the event is not.
      ...(isFifoName(to.name) && { MessageDeduplicationId: messageId }),
    }),
  );
  if (!MessageId) throw new Error(`${to.name} did not confirm the message`);
  return MessageId;
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
