import type { MessageAttributes } from "../../../delivery.ts";
import type { HeapOrder } from "./heap.ts";

/** What is sent to a queue. */
export interface NewMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  /** AWSTraceHeader: X-Ray's header. */
  readonly traceHeader?: string | undefined;
  /** @default - the queue's */
  readonly delaySeconds?: number | undefined;
}

export type MessageState = "ready" | "in flight" | "delayed";

export const NO_ATTRIBUTES: MessageAttributes = {};

/** A message in a queue. One that becomes a dead letter moves to the other queue as it is. */
export class Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly traceHeader: string | undefined;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** Grows with each message that comes to any queue. */
  order: number;
  /** In all queues that it has been in. */
  receiveCount = 0;
  /** In the queue that it is in. */
  receivesHere = 0;
  firstReceivedAt: number | undefined = undefined;
  /** When it was received last, in epoch milliseconds; unknown after a restart. */
  receivedAt: number | undefined = undefined;
  /** ARN of the queue that it is a dead letter of. */
  deadLetterSource: string | undefined = undefined;
  state: MessageState = "ready";
  /** When it becomes ready, in epoch milliseconds; in the past where it is. */
  dueAt = 0;
  /** Since when its retention period runs, in epoch milliseconds. */
  retainedSince: number;

  // Its places in the structures of its queue.
  place = -1;
  placeByAge = -1;
  group: MessageGroup | undefined = undefined;
  previous: Message | undefined = undefined;
  next: Message | undefined = undefined;

  constructor(id: string, order: number, sentAt: number, content: NewMessage) {
    this.id = id;
    this.order = order;
    this.sentAt = sentAt;
    this.retainedSince = sentAt;
    this.body = content.body;
    this.attributes = content.attributes ?? NO_ATTRIBUTES;
    this.groupId = content.groupId;
    this.deduplicationId = content.deduplicationId;
    this.traceHeader = content.traceHeader;
  }

  /** The message as one that is sent anew: it takes this one's place, with a new id and receive count. */
  sentAnew(id: string, now: number): Message {
    return new Message(id, this.order, now, this);
  }

  /** Twenty digits, as AWS has them. */
  get sequenceNumber(): string {
    return sequenceNumber(this.order);
  }
}

/** The messages of one group of a FIFO queue, in their order, those in flight included. */
export class MessageGroup {
  readonly id: string;
  first: Message | undefined = undefined;
  last: Message | undefined = undefined;
  /** Whether it waits for its turn, or has it. */
  waits = false;
  previous: MessageGroup | undefined = undefined;
  next: MessageGroup | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }
}

export function sequenceNumber(order: number): string {
  return `188${String(order).padStart(17, "0")}`;
}

const placed = {
  placeOf: (message: Message) => message.place,
  setPlace: (message: Message, place: number) => void (message.place = place),
};

export const byArrival: HeapOrder<Message> = { ...placed, before: (a, b) => a.order < b.order };

export const byDue: HeapOrder<Message> = {
  ...placed,
  before: (a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order),
};

export const byAge: HeapOrder<Message> = {
  before: (a, b) => a.retainedSince < b.retainedSince,
  placeOf: (message) => message.placeByAge,
  setPlace: (message, place) => void (message.placeByAge = place),
};
