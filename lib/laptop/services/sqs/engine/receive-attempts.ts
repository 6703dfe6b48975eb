import type { Message } from "./messages/message.ts";
import type { Received } from "./received.ts";

/** How long a receive can be repeated: SQS API reference, ReceiveMessage, ReceiveRequestAttemptId. */
const WINDOW_MILLISECONDS = 5 * 60 * 1_000;

interface Attempt {
  readonly received: readonly Received[];
  /** When the messages become visible again, in epoch milliseconds. */
  readonly dueAt: number;
  readonly at: number;
}

/** What receives of a FIFO queue have handed out, by their ReceiveRequestAttemptId, so that they can be repeated. */
export class ReceiveAttempts {
  /** Oldest first. */
  readonly #attempts = new Map<string, Attempt>();

  /**
   * What an attempt has received, where none of the messages has been deleted, changed or received since.
   *
   * @param holds whether the queue still has a message
   */
  received(id: string, now: number, holds: (message: Message) => boolean): readonly Received[] | undefined {
    for (const [known, { at }] of this.#attempts) {
      if (at > now - WINDOW_MILLISECONDS) break;
      this.#attempts.delete(known);
    }
    const attempt = this.#attempts.get(id);
    const isUntouched = attempt?.received.every(
      ({ message, receiveCount }) =>
        holds(message) &&
        message.state === "in flight" &&
        message.receiveCount === receiveCount &&
        message.dueAt === attempt.dueAt,
    );
    return isUntouched ? attempt?.received : undefined;
  }

  remember(id: string, attempt: Attempt): void {
    this.#attempts.delete(id);
    this.#attempts.set(id, attempt);
  }
}
