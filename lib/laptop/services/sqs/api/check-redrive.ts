import type { Queue } from "../engine/queue.ts";
import type { Queues } from "../engine/queues.ts";
import { allowsSource, readRedrivePolicy } from "../engine/redrive.ts";
import { invalidValue } from "./refusals.ts";

/**
 * Checks that the dead-letter queue of a redrive policy is there, of the same type, and takes dead letters of this queue. A template may
 * name a queue that is created after it, so this is for calls alone.
 *
 * @throws AwsError InvalidParameterValue
 */
export function checkRedrive(queues: Queues, source: Pick<Queue, "arn" | "fifo">, policy: string | undefined): void {
  if (!policy) return;
  const { targetArn } = readRedrivePolicy(policy);
  const target = queues.byArn(targetArn);
  const refuse = (reason: string) => invalidValue(policy, "RedrivePolicy", reason);
  if (target === undefined) throw refuse("Dead letter target does not exist.");
  // AWS's own message ends in two full stops.
  if (target.fifo !== source.fifo) throw refuse("Dead-letter queue must be same type of queue as the source..");
  if (!allowsSource(target.attributes["RedriveAllowPolicy"], source.arn)) {
    throw refuse("The dead-letter queue's RedriveAllowPolicy does not allow this queue.");
  }
}
