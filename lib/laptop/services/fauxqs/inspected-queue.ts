import { CloudError } from "../../shared/errors.ts";
import type { MessagingEngine } from "../fauxqs/fauxqs.ts";
import { EngineQueue, type HeldMessage, type QueueCounts } from "../fauxqs/queue.ts";
import { deadLetterQueueOf } from "../../status.ts";

export type { HeldMessage };

/** A queue at one moment, as nobody's receive shows it. */
export interface InspectedQueue {
  readonly counts: QueueCounts;
  readonly messages: readonly HeldMessage[];
}

/** Looks into a queue without receiving. @throws CloudError where there is none of that name. */
export function inspectQueue({ sqs }: MessagingEngine, name: string): InspectedQueue {
  const stored = sqs.getQueueByName(name);
  if (!stored)
    throw new CloudError(`There is no queue ${name}. There are: ${[...sqs.allQueues()].map((it) => it.name).join(", ")}.`);
  const queue = new EngineQueue(stored, sqs);
  return { counts: queue.counts, messages: queue.inspect() };
}

/** What lies in the dead-letter queue of a queue. @throws CloudError where it has none. */
export function deadLetters(messaging: MessagingEngine, name: string): readonly HeldMessage[] {
  const target = deadLetterQueueOf(messaging.sqs.getQueueByName(name)?.attributes["RedrivePolicy"]);
  if (target === undefined) throw new CloudError(`The queue ${name} does not exist or has no dead-letter queue.`);
  return inspectQueue(messaging, target).messages;
}
