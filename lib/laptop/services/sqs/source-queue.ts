import type { ReceivedMessage, SourceQueue } from "../source-queue.ts";
import { systemAttributes } from "./api/messages/receive.ts";
import { md5, md5OfAttributes } from "./engine/messages/digest.ts";
import type { Queue } from "./engine/queue.ts";
import type { Received } from "./engine/received.ts";

/** A queue as an event source mapping drains it, within this process. */
export class PolledQueue implements SourceQueue {
  readonly #queue: Queue;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  get arn(): string {
    return this.#queue.arn;
  }

  get name(): string {
    return this.#queue.name;
  }

  get fifo(): boolean {
    return this.#queue.fifo;
  }

  get visibilityTimeoutSeconds(): number {
    return this.#queue.settings.visibilityTimeoutSeconds;
  }

  get counts(): Queue["counts"] {
    return this.#queue.counts;
  }

  async receive(maximum: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    const received = await this.#queue.receive({ maximum, waitSeconds: Infinity, signal });
    return received.map((each) => handedOn(this.#queue, each));
  }

  acknowledge(receiptHandles: readonly string[]): void {
    for (const handle of receiptHandles) this.#queue.delete(handle);
  }

  skipWaits(isProcessing: (receiptHandle: string) => boolean): void {
    this.#queue.skipWaits(isProcessing);
  }
}

function handedOn(queue: Queue, received: Received): ReceivedMessage {
  const { message, receiptHandle } = received;
  const digest = md5OfAttributes(message.attributes);
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    md5OfBody: md5(message.body),
    attributes: systemAttributes(queue, received),
    messageAttributes: message.attributes,
    ...(digest !== undefined && { md5OfMessageAttributes: digest }),
  };
}
