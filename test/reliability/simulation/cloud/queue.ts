import type { World } from "../world.ts";
import { AwsError } from "./errors.ts";

/** A message in a queue. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
  /** SQS's order of the messages of one group; a standard queue's messages have none. */
  readonly group?: string | undefined;
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number;
  deleted: boolean;
  /** How the message got here. */
  readonly origin: "topic" | "redrive" | "runtime" | "operator";
  /** The message attributes that came with it, as text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** How a queue hands its messages out. */
export interface QueueRules {
  /** The service whose queue it is. */
  readonly service: string;
  readonly fifo?: boolean;
  readonly visibilityMilliseconds: number;
  /** How often a message is received before it goes to the dead-letter queue, and which that is. */
  readonly redrive?: { readonly after: number; readonly to: Queue };
}

/** Hides a message for at most so long when its visibility is cut short, in milliseconds. */
const SHORT_VISIBILITY = 20_000;

/** How late a message may come when it is overtaken by others: 15 minutes. */
const REORDERED_MILLISECONDS = 15 * 60 * 1_000;

/** How long SQS knows a deduplication id. AWSSimpleQueueService, "Exactly-once processing" */
const DEDUPLICATION_MILLISECONDS = 5 * 60 * 1_000;

/** Of the messages that the runtime sends again, the share that faults may double. */
const DOUBLED_AGAIN = 0.1;

/** One SQS queue. */
export class Queue {
  readonly name: string;
  readonly rules: QueueRules;
  /** Those not deleted, in the order in which they were sent. */
  messages: Message[] = [];
  /** Told when a message may be received. */
  onVisible: () => void = () => {};
  readonly #world: World;
  readonly #byId = new Map<string, Message>();
  readonly #byDeduplicationId = new Map<string, Message>();
  #next = 1;

  constructor(world: World, name: string, rules: QueueRules) {
    this.#world = world;
    this.name = name;
    this.rules = rules;
  }

  /** Takes a message in, to be seen after a delay. @param content `sentAt` keeps the time at which a moved message was first sent */
  send(
    {
      deduplicationId,
      ...content
    }: Pick<Message, "body" | "origin" | "group"> &
      Partial<Pick<Message, "attributes" | "sentAt">> & { readonly deduplicationId?: string | undefined },
    delay = 0,
  ): Message {
    const { scheduler, faults } = this.#world;
    const known = deduplicationId === undefined ? undefined : this.#byDeduplicationId.get(deduplicationId);
    if (this.rules.fifo && known && scheduler.now - known.sentAt < DEDUPLICATION_MILLISECONDS) {
      this.#world.rare("copy dropped by a FIFO queue");
      return known;
    }
    const late =
      !this.rules.fifo && faults.happens("queue.reordered") ? faults.between("queue.reordered", 0, REORDERED_MILLISECONDS) : 0;
    const message: Message = {
      messageId: `${this.name}-${this.#next++}`,
      attributes: {},
      sentAt: scheduler.now,
      ...content,
      visibleAt: scheduler.now + delay + late,
      receiveCount: 0,
      firstReceivedAt: 0,
      deleted: false,
    };
    this.messages.push(message);
    this.#byId.set(message.messageId, message);
    if (deduplicationId !== undefined) this.#byDeduplicationId.set(deduplicationId, message);
    this.#wakeAt(message.visibleAt);
    return message;
  }

  /** Hands out messages that can be seen, and hides them for the visibility timeout. */
  receive(most: number): Message[] {
    const { scheduler, random } = this.#world;
    const blocked = this.rules.fifo ? this.#groupsInFlight() : undefined;
    const handedOut: Message[] = [];
    for (;;) {
      const visible = this.messages.filter(
        ({ visibleAt, group }) => visibleAt <= scheduler.now && !(group && blocked?.has(group)),
      );
      if (visible.length === 0) return handedOut;
      for (const message of this.rules.fifo ? visible : random.shuffled(visible.slice(0, most * 2))) {
        if (handedOut.length === most) return handedOut;
        if (this.#leaves(message)) continue;
        this.#handOut(message);
        handedOut.push(message);
      }
      if (handedOut.length > 0) return handedOut;
    }
  }

  /** Deletes a message by a receipt handle, as DeleteMessage does. */
  delete(receiptHandle: string): void {
    const { message, stale } = this.#resolve(receiptHandle);
    if (!message || message.deleted) return;
    if (stale) {
      this.#world.rare("acknowledged with a stale receipt handle");
      if (this.#mayDouble(message) && this.#world.faults.happens("acknowledgement.stale")) return;
    }
    this.remove(message);
  }

  /** The message of a receipt handle. */
  find(receiptHandle: string): Message | undefined {
    return this.#resolve(receiptHandle).message;
  }

  /** Takes a message out of the queue. */
  remove(message: Message): void {
    message.deleted = true;
    this.messages = this.messages.filter((other) => other !== message);
    if (this.rules.fifo) this.onVisible();
  }

  /** Shows a message again after so long. @throws AwsError when it is not in flight */
  changeVisibility(receiptHandle: string, milliseconds: number): void {
    const { message, stale } = this.#resolve(receiptHandle);
    if (!message || message.deleted || stale || message.visibleAt <= this.#world.scheduler.now) {
      throw new AwsError("MessageNotInflight", "the message is not in flight");
    }
    message.visibleAt = this.#world.scheduler.now + milliseconds;
    this.#wakeAt(message.visibleAt);
  }

  #groupsInFlight(): Set<string | undefined> {
    const { now } = this.#world.scheduler;
    return new Set(
      this.messages.filter(({ visibleAt, receiveCount }) => receiveCount > 0 && visibleAt > now).map(({ group }) => group),
    );
  }

  /** Whether a message leaves the queue instead of being handed out: to the dead-letter queue, or because it is too old. */
  #leaves(message: Message): boolean {
    const { faults, checks } = this.#world;
    if (!this.rules.redrive) return false;
    if (faults.happens("queue.retention-expired")) {
      this.remove(message);
      checks.expired(this.rules.service, message);
      return true;
    }
    if (message.receiveCount < this.rules.redrive.after) return false;
    this.remove(message);
    const { body, sentAt, group } = message;
    checks.redriven(this.rules.service, message);
    this.rules.redrive.to.send({
      body,
      sentAt,
      group,
      origin: "redrive",
      attributes: { originalMessageId: message.messageId },
    });
    return true;
  }

  #handOut(message: Message): void {
    const { scheduler, faults } = this.#world;
    if (message.receiveCount === 0) message.firstReceivedAt = scheduler.now;
    message.receiveCount++;
    let hidden = this.rules.visibilityMilliseconds;
    if (!this.#mayDouble(message)) hidden = this.rules.visibilityMilliseconds;
    else if (faults.happens("queue.visibility-short")) hidden = faults.between("queue.visibility-short", 100, SHORT_VISIBILITY);
    else if (!this.rules.fifo && faults.happens("queue.redelivered-in-flight")) hidden = 1;
    message.visibleAt = scheduler.now + hidden;
    this.#wakeAt(message.visibleAt);
  }

  /**
   * Whether a fault may bring a message back beside one that goes on from it. Of those that the runtime has sent again, most are spared:
   * with every other one doubled, no number of attempts would be few enough for the copies to die out.
   */
  #mayDouble({ origin }: Message): boolean {
    return origin !== "runtime" || this.#world.random.chance(DOUBLED_AGAIN);
  }

  #resolve(receiptHandle: string): { message: Message | undefined; stale: boolean } {
    const [id = "", count] = receiptHandle.split("#");
    const message = this.#byId.get(id);
    return { message, stale: message?.receiveCount !== Number(count) };
  }

  #wakeAt(time: number): void {
    const { scheduler } = this.#world;
    scheduler.after(time - scheduler.now, () => this.onVisible());
  }
}

/** The handle of a message's latest receive. */
export function receiptHandleOf({ messageId, receiveCount }: Message): string {
  return `${messageId}#${receiveCount}`;
}
