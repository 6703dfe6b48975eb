import type { Message } from "./messages/message.ts";

/** A message that was handed out, as it was then. */
export interface Received {
  readonly message: Message;
  readonly receiptHandle: string;
  readonly receiveCount: number;
}

export interface ReceiveRequest {
  readonly maximum: number;
  /** @default - the queue's */
  readonly visibilityTimeoutSeconds?: number | undefined;
  /** Infinity waits until the signal aborts. @default - the queue's */
  readonly waitSeconds?: number | undefined;
  /** ReceiveRequestAttemptId: on a FIFO queue, hands out once more what this attempt has received. */
  readonly attemptId?: string | undefined;
  readonly signal: AbortSignal;
  /** Whoever waits may hang up, which is heard of between two turns of the event loop. @default false */
  readonly mayHangUp?: boolean;
}

/** What came of a receipt handle. `expired` is an error on a FIFO queue; on a standard queue no handle expires. */
export type HandleUse = "done" | "no such message" | "expired" | "invalid";

/** What came of a change of a visibility timeout. `too long`: a message may be in flight for twelve hours after its receive. */
export type VisibilityChange = HandleUse | "too long";
