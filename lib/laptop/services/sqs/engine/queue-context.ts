import type { Changes } from "../../../shared/changes.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Message } from "./messages/message.ts";
import type { QueueStore } from "./store/queue-store.ts";

/** Takes over messages that have left another queue. */
export interface Adopter {
  adopt(message: Message): void;
}

/** What a queue has of the cloud around it. */
export interface QueueContext {
  readonly clock: Clock;
  readonly changes: Changes;
  /** Undefined where nothing is kept. */
  readonly store: QueueStore | undefined;
  /** A number that grows with each message. */
  readonly nextOrder: () => number;
  /** The queue of an ARN, for dead letters. */
  readonly queueByArn: (arn: string) => Adopter | undefined;
}
