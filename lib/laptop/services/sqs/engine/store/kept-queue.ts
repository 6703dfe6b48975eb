import type { QueueAttributes } from "../attributes.ts";
import type { Original } from "../deduplication.ts";
import type { Message } from "../messages/message.ts";

/** What is kept of a queue beside its messages. */
export interface QueueRecord {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly tags: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** A queue as a former run has kept it. */
export interface KeptQueue extends QueueRecord {
  readonly messages: readonly Message[];
  /** What copies are recognized by, oldest first. */
  readonly originals: readonly (readonly [key: string, original: Original])[];
}
