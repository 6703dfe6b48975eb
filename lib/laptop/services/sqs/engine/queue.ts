import { hash, randomUUID } from "node:crypto";
import { AwsError } from "../../../shared/aws-error.ts";
import { Alarm } from "./alarm.ts";
import type { QueueAttributes } from "./attributes.ts";
import { Deduplication, type Original } from "./deduplication.ts";
import { Message, type NewMessage } from "./messages/message.ts";
import type { KeptQueue } from "./store/kept-queue.ts";
import type { QueueContext } from "./queue-context.ts";
import { type QueueCounts, QueueMessages } from "./messages/queue-messages.ts";
import { QueueProperties } from "./queue-properties.ts";
import { readHandle, receiptHandle } from "./receipt-handle.ts";
import { ReceiveAttempts } from "./receive-attempts.ts";
import type { HandleUse, Received, ReceiveRequest, VisibilityChange } from "./received.ts";
import { WaitingReceives } from "./waiting-receives.ts";

/** Of either type: AWSSimpleQueueService, "Amazon SQS message quotas". */
const MOST_IN_FLIGHT = 120_000;

/** AWSSimpleQueueService, "Amazon SQS visibility timeout": 12 hours from the receive on. */
const LONGEST_IN_FLIGHT_MILLISECONDS = 43_200_000;

/** A queue of SQS, standard or FIFO. Its times are those of the cloud's clock; all its messages together have one timer. */
export class Queue extends QueueProperties {
  purgedAt = -Infinity;

  readonly #context: QueueContext;
  readonly #messages: QueueMessages;
  readonly #waiting: WaitingReceives<Received>;
  readonly #alarm: Alarm;
  readonly #deduplication = new Deduplication();
  readonly #attempts = new ReceiveAttempts();
  /** As it was at creation: changing the attribute has been recorded to have no effect on AWS. */
  readonly #deduplicatesByGroup: boolean;
  constructor(name: string, attributes: QueueAttributes, context: QueueContext, createdAt = context.clock.now()) {
    super(name, attributes, createdAt);
    this.#context = context;
    this.#messages = new QueueMessages(this.fifo);
    this.#waiting = new WaitingReceives(context.clock);
    this.#alarm = new Alarm(context.clock, () => this.#wake());
    this.#deduplicatesByGroup = this.attributes["DeduplicationScope"] === "messageGroup";
  }

  get counts(): QueueCounts {
    this.#catchUp();
    return this.#messages.counts;
  }

  /** Takes a message. A copy on a FIFO queue is answered as its original was. */
  send(content: NewMessage): Original {
    const now = this.#context.clock.now();
    const message = new Message(randomUUID(), this.#context.nextOrder(), now, this.#identified(content));
    const key = this.#deduplicationKey(message);
    const original = key === undefined ? undefined : this.#deduplication.original(key, now);
    if (original) return original;
    // Recorded of AWS: on a FIFO queue a delay of zero stands for the queue's own.
    const own = this.fifo ? content.delaySeconds || undefined : content.delaySeconds;
    message.dueAt = now + (own ?? this.settings.delaySeconds) * 1_000;
    const receipt = { messageId: message.id, order: message.order, sentAt: now };
    this.#context.store?.addMessage(this.name, message, key);
    if (key !== undefined) this.#deduplication.remember(key, receipt);
    this.#messages.add(message, message.dueAt > now ? "delayed" : "ready");
    this.#wake();
    return receipt;
  }

  /**
   * Hands out messages: at once where there are any, or else as soon as there are, within the time that it may wait.
   *
   * @throws AwsError OverLimit where as many are in flight as a standard queue may have
   */
  receive(request: ReceiveRequest): readonly Received[] | Promise<readonly Received[]> {
    const { maximum, signal, waitSeconds = this.settings.waitSeconds, mayHangUp = false } = request;
    const take = () =>
      this.#takeFor(request.attemptId, maximum, request.visibilityTimeoutSeconds ?? this.settings.visibilityTimeoutSeconds);
    if (signal.aborted) return [];
    // A long poll waits, and a FIFO queue answers with nothing.
    if (waitSeconds === 0 && !this.fifo && this.counts.inFlight >= MOST_IN_FLIGHT) throw overLimit();
    const taken = take();
    return taken.length > 0 || waitSeconds === 0
      ? taken
      : this.#waiting.wait({ milliseconds: waitSeconds * 1_000, signal, mayHangUp, take });
  }

  /**
   * Deletes the message that a handle stands for. On a standard queue the handle of any receive will do; on a FIFO queue only that of the
   * last one, within its visibility timeout.
   */
  delete(handle: string): HandleUse {
    const message = this.#find(handle);
    if (typeof message === "string") return message;
    this.#remove(message);
    this.#wake();
    return "done";
  }

  /** Lets a message that was received become visible again after a number of seconds from now. */
  changeVisibility(handle: string, seconds: number): VisibilityChange {
    const message = this.#find(handle);
    if (typeof message === "string") return message;
    // Recorded of AWS: once the message is visible again, the call succeeds and changes nothing.
    if (message.state !== "in flight") return "done";
    const inFlight = this.#context.clock.now() - (message.receivedAt ?? Infinity);
    if (inFlight + seconds * 1_000 > LONGEST_IN_FLIGHT_MILLISECONDS) return "too long";
    this.#messages.hide(message, this.#context.clock.now() + seconds * 1_000);
    this.#context.store?.saveMessage(message);
    this.#wake();
    return "done";
  }

  /** Deletes all messages, and forgets the deduplication ids. */
  purge(): void {
    this.purgedAt = this.#context.clock.now();
    this.#context.store?.purge(this.name);
    this.#messages.clear();
    this.#deduplication.clear();
    this.#context.changes.notify();
  }

  /** Everything that it holds, in the order in which it came. */
  messages(): Iterable<Message> {
    this.#catchUp();
    return this.#messages.values();
  }

  /** The receipt handle of a message's last receive. */
  handleOf(message: Message): string {
    return receiptHandle(this.name, message.id, message.receiveCount);
  }

  /** Makes delayed messages, and those in flight that `isProcessing` does not claim, ready at once. */
  skipWaits(isProcessing: (receiptHandle: string) => boolean): void {
    for (const message of this.#messages.waiting()) {
      if (message.state === "in flight" && isProcessing(this.handleOf(message))) continue;
      this.#messages.hide(message, this.#context.clock.now());
      this.#context.store?.saveMessage(message);
    }
    this.#wake();
  }

  /** The message that a receive would hand out next; undefined where there is none. */
  get firstReady(): Message | undefined {
    this.#catchUp();
    return this.#messages.firstReady;
  }

  /** Takes a message out of the queue, for another to adopt it. */
  release(message: Message): void {
    this.#messages.remove(message);
    this.#wake();
  }

  /** Takes over a message that has left another queue. */
  adopt(message: Message): void {
    const former = message.order;
    message.order = this.#context.nextOrder();
    message.receivesHere = message.dueAt = 0;
    // AWSSimpleQueueService, "Setting up dead-letter queue retention": in a FIFO queue the period begins anew.
    if (this.fifo) message.retainedSince = this.#context.clock.now();
    this.#context.store?.moveMessage(former, this.name, message);
    this.#messages.add(message, "ready");
    this.#wake();
  }

  /** Puts in what a former run has kept. */
  restore({ tags, modifiedAt, messages, originals }: KeptQueue): void {
    this.restoreProperties(tags, modifiedAt);
    const now = this.#context.clock.now();
    for (const message of messages) {
      this.#messages.add(message, message.dueAt <= now ? "ready" : message.receivesHere > 0 ? "in flight" : "delayed");
    }
    for (const [key, original] of originals) this.#deduplication.remember(key, original);
    this.#wake();
  }

  /** Ends its timer and the receives that wait. */
  close(): void {
    this.#alarm.clear();
    this.#waiting.endAll();
  }

  protected override now(): number {
    return this.#context.clock.now();
  }

  protected override changed(): void {
    this.#context.store?.saveQueue(this);
    this.#wake();
  }

  /** The deduplication id of a message that has none: a digest of its body, where the queue makes one. */
  #identified(content: NewMessage): NewMessage {
    const makesOne = this.settings.contentBasedDeduplication && content.deduplicationId === undefined;
    return makesOne ? { ...content, deduplicationId: hash("sha256", content.body) } : content;
  }

  #deduplicationKey({ groupId = "", deduplicationId }: Message): string | undefined {
    if (!this.fifo || deduplicationId === undefined) return undefined;
    return this.#deduplicatesByGroup ? `${groupId} ${deduplicationId}` : deduplicationId;
  }

  /** Takes for an attempt what it took before, or else what there is. */
  #takeFor(attemptId: string | undefined, maximum: number, visibilityTimeoutSeconds: number): readonly Received[] {
    if (attemptId === undefined) return this.#take(maximum, visibilityTimeoutSeconds);
    this.#catchUp();
    const at = this.#context.clock.now();
    const dueAt = at + visibilityTimeoutSeconds * 1_000;
    const before = this.#attempts.received(attemptId, at, (message) => this.#messages.get(message.id) === message);
    for (const { message } of before ?? []) {
      this.#messages.hide(message, dueAt);
      this.#context.store?.saveMessage(message);
    }
    if (before) this.#wake();
    const received = before ?? this.#take(maximum, visibilityTimeoutSeconds);
    if (received.length > 0) this.#attempts.remember(attemptId, { received, dueAt, at });
    return received;
  }

  #take(wanted: number, visibilityTimeoutSeconds: number): readonly Received[] {
    this.#catchUp();
    const maximum = Math.min(wanted, MOST_IN_FLIGHT - this.#messages.counts.inFlight);
    if (!this.#messages.hasReady || maximum <= 0) return [];
    const take = () => {
      const dueAt = this.#context.clock.now() + visibilityTimeoutSeconds * 1_000;
      return this.#messages.take(maximum, (message) => this.#isHandedOut(message, dueAt));
    };
    const taken = this.#context.store ? this.#context.store.together(take) : take();
    const received = taken.map((message) => ({
      message,
      receiptHandle: this.handleOf(message),
      receiveCount: message.receiveCount,
    }));
    if (visibilityTimeoutSeconds === 0) this.#catchUp();
    this.#setAlarm();
    this.#context.changes.notify();
    return received;
  }

  /** Puts a message in flight; one that has been received too often goes to the dead-letter queue instead. */
  #isHandedOut(message: Message, dueAt: number): boolean {
    const { redrivePolicy } = this.settings;
    const isDead = redrivePolicy !== undefined && message.receivesHere >= redrivePolicy.maxReceiveCount;
    const target = isDead ? this.#context.queueByArn(redrivePolicy.targetArn) : undefined;
    if (target) {
      this.#messages.remove(message);
      message.deadLetterSource = this.arn;
      target.adopt(message);
      return false;
    }
    message.receiveCount += 1;
    message.receivesHere += 1;
    message.receivedAt = this.#context.clock.now();
    message.firstReceivedAt ??= message.receivedAt;
    this.#messages.hide(message, dueAt);
    this.#context.store?.saveMessage(message);
    return true;
  }

  #find(handle: string): Message | Exclude<HandleUse, "done"> {
    this.#catchUp();
    const receipt = readHandle(handle);
    if (receipt === undefined || receipt.queue !== this.name) return "invalid";
    const message = this.#messages.get(receipt.messageId);
    if (message === undefined) return "no such message";
    const isCurrent = message.state === "in flight" && message.receiveCount === receipt.receive;
    return this.fifo && !isCurrent ? "expired" : message;
  }

  #remove(message: Message): void {
    this.#context.store?.removeMessage(message);
    this.#messages.remove(message);
  }

  /** Makes due what is due by now, and deletes what has been kept for long enough. */
  #catchUp(): void {
    const now = this.#context.clock.now();
    this.#messages.catchUp(now);
    const keptSince = now - this.settings.retentionSeconds * 1_000;
    for (let { oldest } = this.#messages; oldest && oldest.retainedSince <= keptSince; { oldest } = this.#messages) {
      this.#remove(oldest);
    }
  }

  /** Something may have become ready: whoever waits for it gets it. */
  #wake(): void {
    this.#catchUp();
    if (this.#messages.hasReady) this.#waiting.serve();
    this.#setAlarm();
    this.#context.changes.notify();
  }

  #setAlarm(): void {
    const expires = (this.#messages.oldest?.retainedSince ?? Infinity) + this.settings.retentionSeconds * 1_000;
    this.#alarm.set(Math.min(this.#messages.nextDue, expires));
  }
}

/** SQS API reference, ReceiveMessage: "Errors". */
function overLimit(): AwsError {
  const message = `Too many messages in flight: a queue has ${MOST_IN_FLIGHT} at most. Delete those that are done with.`;
  return new AwsError("OverLimit", message, 403);
}
