import type { ReceivedMessage, SourceQueue } from "../../shared/types.ts";
import type { MessagingEngine, StoredMessage, StoredQueue } from "./fauxqs.ts";

/** SQS's longest long poll; a waiting receive looks again after it. */
const LONGEST_WAIT_SECONDS = 20;

/** How many messages a queue holds, by what may be done with them. */
export interface QueueCounts {
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** A message as it lies in a queue: looking does not receive it. */
export interface HeldMessage {
  readonly messageId: string;
  readonly body: string;
  readonly state: "ready" | "in flight" | "delayed";
  /** How often it has been received. */
  readonly receiveCount: number;
  /** When it was sent, in epoch milliseconds. */
  readonly sentAt: number;
  readonly messageAttributes: ReceivedMessage["messageAttributes"];
}

/** A queue of the engine, spoken to without HTTP. */
export class EngineQueue implements SourceQueue {
  readonly arn: string;
  readonly fifo: boolean;
  readonly name: string;
  readonly #queue: StoredQueue;
  readonly #store: MessagingEngine["sqs"];
  readonly #onChange: () => void;

  /** `onChange` is called when a receive or an acknowledgement may have changed what the queue holds. */
  constructor(queue: StoredQueue, store: MessagingEngine["sqs"], onChange: () => void = () => {}) {
    this.arn = queue.arn;
    this.name = queue.name;
    this.fifo = queue.isFifo();
    this.#queue = queue;
    this.#store = store;
    this.#onChange = onChange;
  }

  async receive(maximum: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    while (!signal.aborted) {
      const received = this.#queue.dequeue(maximum, undefined, (arn) => this.#store.getQueueByArn(arn));
      // Also a receive that hands out nothing may have moved messages to the dead-letter queue.
      this.#onChange();
      if (received.length > 0) return received.map((message) => this.#asReceived(message));
      await waitForMessage(this.#queue, signal);
    }
    return [];
  }

  acknowledge(receiptHandles: readonly string[]): void {
    for (const handle of receiptHandles) this.#queue.deleteMessage(handle);
    this.#onChange();
  }

  get visibilityTimeoutSeconds(): number {
    return Number(this.#queue.getAttribute("VisibilityTimeout"));
  }

  get counts(): QueueCounts {
    const count = (name: Parameters<StoredQueue["getAttribute"]>[0]) => Number(this.#queue.getAttribute(name));
    return {
      ready: count("ApproximateNumberOfMessages"),
      inFlight: count("ApproximateNumberOfMessagesNotVisible"),
      delayed: count("ApproximateNumberOfMessagesDelayed"),
    };
  }

  /** Everything the queue holds, without receiving it. */
  inspect(): HeldMessage[] {
    const { ready, inflight, delayed } = this.#queue.inspectMessages();
    return [
      ...ready.map((message) => held(message, "ready")),
      ...inflight.map(({ message }) => held(message, "in flight")),
      ...delayed.map((message) => held(message, "delayed")),
    ];
  }

  /** Makes delayed messages, and those in flight that `isProcessing` does not claim, ready at once. */
  skipWaits(isProcessing: (receiptHandle: string) => boolean): void {
    const { inflight, delayed } = this.#queue.inspectMessages();
    for (const message of delayed) message.delayUntil = 1;
    for (const { receiptHandle } of inflight) {
      const entry = this.#queue.inflightMessages.get(receiptHandle);
      if (entry && !isProcessing(receiptHandle)) entry.visibilityDeadline = 0;
    }
    this.#queue.processTimers();
  }

  #asReceived(message: ReturnType<StoredQueue["dequeue"]>[number]): ReceivedMessage {
    const stored = this.#queue.inflightMessages.get(message.ReceiptHandle)?.message;
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      md5OfBody: message.MD5OfBody,
      attributes: stored ? systemAttributes(stored) : {},
      messageAttributes: message.MessageAttributes ?? {},
    };
  }
}

function systemAttributes(message: StoredMessage): Record<string, string> {
  const attributes: Record<string, string> = {
    ApproximateReceiveCount: String(message.approximateReceiveCount),
    SentTimestamp: String(message.sentTimestamp),
    SenderId: "000000000000",
    ApproximateFirstReceiveTimestamp: String(message.approximateFirstReceiveTimestamp ?? message.sentTimestamp),
  };
  if (message.messageGroupId !== undefined) attributes["MessageGroupId"] = message.messageGroupId;
  if (message.messageDeduplicationId !== undefined) attributes["MessageDeduplicationId"] = message.messageDeduplicationId;
  if (message.sequenceNumber !== undefined) attributes["SequenceNumber"] = message.sequenceNumber;
  return attributes;
}

function held(message: StoredMessage, state: HeldMessage["state"]): HeldMessage {
  return {
    messageId: message.messageId,
    body: message.body,
    state,
    receiveCount: message.approximateReceiveCount,
    sentAt: message.sentTimestamp,
    messageAttributes: message.messageAttributes,
  };
}

/** Resolves when the queue may have something to hand out, or the signal aborts; leaves no timer behind. */
async function waitForMessage(queue: StoredQueue, signal: AbortSignal): Promise<void> {
  const woken = queue.waitForMessages(LONGEST_WAIT_SECONDS);
  const waiter = queue.pollWaiters.at(-1);
  const leave = () => {
    if (!waiter || !queue.pollWaiters.includes(waiter)) return;
    clearTimeout(waiter.timer);
    queue.pollWaiters.splice(queue.pollWaiters.indexOf(waiter), 1);
    waiter.resolve();
  };
  signal.addEventListener("abort", leave, { once: true });
  await woken;
  signal.removeEventListener("abort", leave);
}
