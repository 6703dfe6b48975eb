import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isFifoName } from "../../contracts/fifo.ts";
import { RAW_DELIVERY_ATTRIBUTES } from "../../contracts/limits.ts";
import { type DeadLetter, EDITED, REDRIVES } from "./letter.ts";

/** Message attributes of one message: raw delivery carries as many as SQS takes. */
const ATTRIBUTES = RAW_DELIVERY_ATTRIBUTES;

/** Where a letter is sent to. */
export interface Destination {
  readonly name: string;
  readonly url: string;
}

type Attributes = DeadLetter["attributes"];

/**
 * Sends a letter's body back to its service's queue: with the attributes that it came with, without those that say why it
 * was dead, and with a count of how often that has been done. Returns the new message's id.
 */
export async function sendBack(
  sqs: Pick<SQSClient, "send">,
  letter: DeadLetter,
  to: Destination,
  body = letter.body,
): Promise<string> {
  const own = letter.reason ? typeOf(letter) : without(letter.attributes, [REDRIVES, EDITED]);
  const marked = { ...own, [REDRIVES]: attribute(String(letter.redrives + 1), "Number") };
  // Where the message's own attributes leave no room, the count gives way.
  return send(sqs, letter, to, body, Object.keys(marked).length > ATTRIBUTES ? own : marked);
}

/** Puts a letter with another body into the queue that it lies in, with all that is known of it. Returns the new message's id. */
export async function putEdited(
  sqs: Pick<SQSClient, "send">,
  letter: DeadLetter,
  to: Destination,
  body: string,
): Promise<string> {
  const marked = { ...letter.attributes, [EDITED]: attribute(new Date().toISOString()) };
  // The stack is of a run on other data: it gives way first.
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
      // By the letter's own id: a second attempt at the same letter is one message, an earlier letter of the event is another.
      ...(isFifoName(to.name) && { MessageDeduplicationId: messageId }),
    }),
  );
  if (!MessageId) throw new Error(`${to.name} gave no answer that it has taken the message`);
  return MessageId;
}

/** The attribute that the topic's subscriptions filter by; the runtime does not keep it, but the body says it as well. */
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
