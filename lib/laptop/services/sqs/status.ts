import { nameOf } from "../../shared/account.ts";
import type { QueueCounts } from "./engine/messages/queue-messages.ts";
import type { Queues } from "./engine/queues.ts";

/** A queue in `fanfare status`. */
export interface QueueStatus extends QueueCounts {
  readonly name: string;
  /** Where its messages go after too many receives. */
  readonly deadLetterQueue?: string;
  /** The queues whose dead letters it takes. */
  readonly deadLettersOf: readonly string[];
}

export function queueStatus(queues: Queues): QueueStatus[] {
  return queues.all().map((queue) => {
    const { redrivePolicy } = queue.settings;
    return {
      name: queue.name,
      ...queue.counts,
      ...(redrivePolicy && { deadLetterQueue: nameOf(redrivePolicy.targetArn) }),
      deadLettersOf: queues.sourcesOf(queue).map(({ name }) => name),
    };
  });
}
