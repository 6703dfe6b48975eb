import type { World } from "../world.ts";
import { AwsError } from "./errors.ts";
import type { Queue } from "./queue.ts";

/** How late a delivery may be, at the most: SNS retries for hours, and a queue's owner sees minutes. */
const LATE_MILLISECONDS = 10 * 60 * 1_000;

/** How long SNS knows a deduplication id. sns/latest/dg/fifo-message-dedup */
const DEDUPLICATION_MILLISECONDS = 5 * 60 * 1_000;

/** A service's subscription: the types that its filter policy lets through, its queue, and where undelivered messages go. */
export interface Subscription {
  readonly service: string;
  readonly types: ReadonlySet<string>;
  readonly queue: Queue;
  readonly undelivered: Queue;
}

/** An entry of PublishBatch, as far as the simulation reads it. */
export interface Entry {
  readonly Id: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

/** Characters that a message may have: as many as bytes, for the simulation's events are all ASCII. sns/latest/api/API_Publish */
const MESSAGE_CHARACTERS = 256 * 1024;

/** One SNS topic. */
export class Topic {
  readonly name: string;
  readonly fifo: boolean;
  readonly subscriptions: Subscription[] = [];
  readonly #world: World;
  readonly #known = new Map<string, number>();
  #next = 1;

  constructor(world: World, name: string, fifo: boolean) {
    this.#world = world;
    this.name = name;
    this.fifo = fifo;
  }

  /** Carries out PublishBatch. @throws AwsError as SNS answers it */
  publishBatch(entries: readonly Entry[], publisher: string): unknown {
    const { faults } = this.#world;
    if (faults.happens("publish.throttled")) throw new AwsError("ThrottledException", "slow down", true);
    if (faults.happens("publish.server-error")) throw new AwsError("InternalErrorException", "internal error", true);
    const ids = new Set(entries.map(({ Id }) => Id));
    if (entries.length === 0 || entries.length > 10 || ids.size !== entries.length) {
      throw new AwsError("InvalidParameterException", "the batch");
    }
    const failed = entries.filter(() => faults.happens("publish.partly-failed"));
    const successful = entries.filter((entry) => !failed.includes(entry));
    return {
      Successful: successful.map((entry) => ({ Id: entry.Id, MessageId: this.#publish(entry, publisher) })),
      Failed: failed.map(({ Id }) => ({ Id, Code: "InternalError", Message: "try again", SenderFault: false })),
    };
  }

  #publish(entry: Entry, publisher: string): string {
    if (entry.Message.length > MESSAGE_CHARACTERS) throw new AwsError("InvalidParameterException", "the message is too long");
    const { checks, scheduler } = this.#world;
    const messageId = `${this.name}-sns-${this.#next++}`;
    const type = entry.MessageAttributes?.["type"]?.StringValue ?? "";
    checks.published(entry.Message, type, publisher, this.fifo ? entry.MessageGroupId : undefined);
    if (this.fifo) {
      const { MessageGroupId, MessageDeduplicationId: id } = entry;
      if (!MessageGroupId || !id)
        throw new AwsError("InvalidParameterException", "a FIFO topic needs group and deduplication ids");
      const known = this.#known.get(id);
      if (known !== undefined && scheduler.now - known < DEDUPLICATION_MILLISECONDS) return messageId;
      this.#known.set(id, scheduler.now);
    }
    for (const subscription of this.subscriptions) {
      if (subscription.types.has(type)) this.#deliver(subscription, entry);
    }
    return messageId;
  }

  #deliver({ service, queue, undelivered }: Subscription, entry: Entry): void {
    const { faults, checks, random } = this.#world;
    const { Message: body, MessageGroupId: group, MessageDeduplicationId: deduplicationId } = entry;
    this.#world.copies.set(`${service} ${body}`, { service, body, group });
    const content = { body, group, deduplicationId, origin: "topic" } as const;
    if (faults.happens("delivery.denied")) {
      checks.denied(service, body);
      undelivered.send(content);
      return;
    }
    const copies = !this.fifo && faults.happens("delivery.duplicated") ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = !this.fifo && faults.happens("delivery.late") ? faults.between("delivery.late", 0, LATE_MILLISECONDS) : 0;
      const message = queue.send(content, this.fifo ? 10 : random.between(2, 40) + late);
      checks.delivered(service, message);
    }
  }
}
