import { createEnvelope } from "../../contracts/envelope.ts";
import type { AnyEventDefinition } from "../../contracts/event.ts";
import { PermanentError } from "../errors.ts";
import { contentOf, outgoingId } from "../inbox/identity.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import type { PreparedMessage, Upload } from "../publish/event-message.ts";
import { prepareMessages } from "../publish/prepare-message.ts";
import type { UnitContext } from "./unit-context.ts";

type OutboxContext = Pick<UnitContext, "service" | "event" | "claimCheck">;

/** The events that a handler emits, in order, behind those that earlier runs have stored at a checkpoint. */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #events: OutgoingEvent[];
  /** Stored events that this run has not emitted again yet. */
  readonly #expected: OutgoingEvent[];
  #uploads: Upload[] = [];
  #stored: number;

  constructor(context: OutboxContext, stored: readonly OutgoingEvent[]) {
    this.#context = context;
    this.#events = [...stored];
    this.#expected = [...stored];
    this.#stored = stored.length;
  }

  /** What is to be published. */
  get events(): OutgoingEvent[] {
    return this.#events.map(({ content: _, ...event }) => event);
  }

  /** What a checkpoint stores: the events by which the next run knows its own again. */
  get recognizable(): readonly OutgoingEvent[] {
    return [...this.#events];
  }

  /** Whether there are events that no checkpoint has stored. */
  get hasUnstored(): boolean {
    return this.#events.length > this.#stored;
  }

  /**
   * Adds an event. If an earlier run has stored one of the same content, this is that one: a handler that starts again from the top
   * emits its events again.
   *
   * @throws InvalidEventError when the data breaks the event's contract; EventTooLargeError over SNS's limit; PermanentError when a
   * FIFO topic could not keep the event's order.
   */
  emit(definition: AnyEventDefinition, data: unknown): void {
    const { event, service, claimCheck } = this.#context;
    const id = outgoingId(event, service.name, this.#events.length);
    const envelope = createEnvelope(definition, data, { source: service.name, id, cause: event });
    if (definition.topic.fifo && !service.publishesUnordered) requireSubject(definition, envelope.subject, event.subject);
    const content = contentOf(envelope.data);
    const again = this.#expected.findIndex((stored) => stored.type === definition.type && stored.content === content);
    if (again >= 0) return void this.#expected.splice(again, 1);
    const [newest, ...older] = prepareMessages(definition, envelope, claimCheck);
    this.#add(definition.topic.name, newest, { content });
    for (const prepared of older) this.#add(definition.topic.name, prepared);
  }

  #add(topic: string, { message, upload }: PreparedMessage, more: Pick<OutgoingEvent, "content"> = {}): void {
    this.#events.push({ topic, ...message, ...more });
    if (upload) this.#uploads.push(upload);
  }

  /** Uploads the data of large events. Before the commit: data without an event is deleted in time, but an event needs its data. */
  async upload(signal: AbortSignal): Promise<void> {
    const uploads = this.#uploads;
    this.#uploads = [];
    await Promise.all(uploads.map((upload) => upload(signal)));
  }

  /** A checkpoint has stored events. */
  stored(events: readonly OutgoingEvent[]): void {
    this.#stored = events.length;
  }
}

/** @throws PermanentError when events of other subjects, which are handled at the same time, could emit to the same message group. */
function requireSubject({ type, topic }: AnyEventDefinition, subject: string, handled: string): void {
  if (subject === handled) return;
  throw new PermanentError(
    `${type} for the FIFO topic ${topic.name} has the subject "${subject}", while the event that is handled has "${handled}": order ` +
      "is kept within one subject; emit it under that subject, or say publishesUnordered: true in the service's definition",
  );
}
