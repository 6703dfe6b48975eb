import type { Changes } from "../../../shared/changes.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Queue } from "./queue.ts";
import type { QueueStore } from "./store/queue-store.ts";

/** What a queue has of the cloud around it. */
export interface QueueContext {
  readonly clock: Clock;
  readonly changes: Changes;
  /** Undefined where nothing is kept. */
  readonly store: QueueStore | undefined;
  /** A number that grows with each message. */
  readonly nextOrder: () => number;
  readonly queueByArn: (arn: string) => Queue | undefined;
}
