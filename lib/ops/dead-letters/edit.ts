import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { readAs } from "../../contracts/versions.ts";
import { parseEvent, publishedIn } from "../../runtime/record/read-event.ts";
import { readInbox } from "../../runtime/inbox/read-inbox.ts";
import { isHandledAtHome } from "../../runtime/unit/handled-at-home.ts";
import { OpsError } from "../errors.ts";
import { type DeadLetter, parsedBody } from "./letter.ts";
import type { LetterQueue } from "./queues.ts";
import { Selection } from "./select.ts";
import { type Destination, putEdited, sendBack } from "./send.ts";
import { receiveLetters, type ReceiveOptions } from "./receive.ts";

/** The queues to search for a service's letters. */
export interface LettersPlace extends Pick<ReceiveOptions, "signal" | "onHidden" | "onLost"> {
  readonly sqs: Pick<SQSClient, "send">;
  readonly from: readonly LetterQueue[];
}

/**
 * Finds the one letter of an id, and leaves it in its queue.
 *
 * @param id of the message, or of the event
 * @throws OpsError when there is none, or the event has several letters.
 */
export async function findLetter(place: LettersPlace, id: string): Promise<DeadLetter> {
  const selection = new Selection({ ids: [id] });
  const found: DeadLetter[] = [];
  let unseen = 0;
  for (const queue of place.from) {
    unseen += await receiveLetters({ ...place, queue }, async (letters) => {
      found.push(...letters.filter((letter) => selection.matches(letter)));
    });
  }
  const [letter, ...others] = found;
  if (!letter) throw new OpsError(noLetter(place, id, unseen));
  if (others.length > 0) {
    throw new OpsError(
      `the event ${id} has ${found.length} letters: give the message id of one: ${found.map(({ messageId }) => messageId).join(", ")}`,
    );
  }
  return letter;
}

/**
 * The body of a letter with other data in its envelope, checked as the service will check it. The subject is taken from the
 * new data, as the contract defines.
 *
 * @throws InvalidEventError that names the field that is wrong; OpsError when the body has no envelope to keep.
 */
export function editedBody(service: ServiceDefinition, letter: DeadLetter, data: unknown, newId?: string): string {
  const envelope = parsedBody(letter);
  if (typeof envelope !== "object" || envelope === null || Array.isArray(envelope)) {
    throw new OpsError(
      "the letter's body is not an event, so there is no envelope to keep: export it, and publish the event again",
    );
  }
  // From now on the data is in the event itself.
  const kept = Object.entries(envelope).filter(([name]) => name !== "dataref" && name !== "datahash");
  const edited = { ...Object.fromEntries(kept), ...(newId !== undefined && { id: newId }), data };
  parseEvent(service, JSON.stringify(edited));
  const definition = definitionsOf(service.consumes).find(({ type }) => type === letter.event.type);
  if (!definition) return JSON.stringify(edited);
  const body = JSON.stringify({ ...edited, subject: definition.subject(readAs(definition, definition.type, data)) });
  // The new data may lead to a subject that the service refuses.
  parseEvent(service, body);
  return body;
}

/** Events with the older versions that they are made from. */
function definitionsOf(events: readonly AnyEventDefinition[]): AnyEventDefinition[] {
  return events.flatMap((event) => [event, ...definitionsOf((event.upcasts ?? []).map(({ from }) => from))]);
}

/** Whether the service's inbox has the letter's event: then a copy of it, however edited, takes no effect. */
export async function hasTakenEffect(
  dynamodb: Pick<DynamoDBClient, "send">,
  { table, service }: { readonly table: string; readonly service: ServiceDefinition },
  { event: { source, id }, body }: DeadLetter,
): Promise<boolean> {
  if (source === undefined || id === undefined) return false;
  const place = { clients: { dynamodb }, config: { table, service: service.name } };
  const { own } = await readInbox(place, { source, id });
  if (own && own.checkpoints === undefined) return true;
  const event = publishedIn(body);
  return event !== undefined && service.inbox !== undefined && (await isHandledAtHome(place, service.inbox, event));
}

/**
 * Replaces a letter with one with another body, in its dead-letter queue or, if given, in the service's queue. The new one is
 * sent before the old one is deleted. Returns the new message's id.
 *
 * @throws OpsError when the letter is gone, or could not be deleted.
 */
export async function replaceLetter(
  place: LettersPlace,
  { messageId, queue: name }: DeadLetter,
  body: string,
  service?: Destination,
): Promise<string> {
  const done = new AbortController();
  const signal = AbortSignal.any([place.signal, done.signal]);
  let sent: string | undefined;
  for (const queue of place.from.filter((one) => one.name === name)) {
    await receiveLetters({ ...place, signal, queue }, async (letters, remove) => {
      const letter = letters.find((one) => one.messageId === messageId);
      if (!letter) return;
      done.abort();
      sent = await (service ? sendBack(place.sqs, letter, service, body) : putEdited(place.sqs, letter, queue, body));
      await remove(letter).catch((error: unknown) => {
        throw new OpsError(
          `the edited event is sent (message ${sent}), but the letter ${messageId} could not be deleted: delete it with \`fanfare dlq purge\``,
          { cause: error },
        );
      });
    });
  }
  if (sent === undefined) throw new OpsError(noLetter(place, messageId));
  return sent;
}

function noLetter({ from }: LettersPlace, id: string, unseen = 0): string {
  const held = from.some((queue) => queue.held > 0) ? ", or someone else is holding it" : "";
  const more = unseen > 0 ? `, or it is among about ${unseen} letters that SQS did not hand out` : "";
  return `there is no letter ${id} in ${from.map(({ name }) => name).join(", ")}${held}${more}`;
}
