import { AwsError } from "../../../shared/aws-error.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Queue } from "../engine/queue.ts";

/** SQS API reference, PurgeQueue. */
const PURGE_INTERVAL_MILLISECONDS = 60_000;

export function purgeQueue(queue: Queue, clock: Clock): Record<string, unknown> {
  if (clock.now() < queue.purgedAt + PURGE_INTERVAL_MILLISECONDS) {
    const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`;
    throw new AwsError("PurgeQueueInProgress", message, 403);
  }
  queue.purge();
  return {};
}
