import type { Cloud } from "#lib/laptop/index.ts";

/**
 * First and longest wait for the queues before retries are made due again, in milliseconds; doubled each time. A retry that comes too
 * early spends a receive, and the lease of an effect that was interrupted lasts longer than any of them.
 */
const HURRY_MILLISECONDS = { first: 400, longest: 6_400 };

/**
 * Waits until no queue that a function drains holds anything. Retries are made due only while nothing else moves for a while, so that
 * one which waits for another event meets it.
 *
 * @throws CloudError that says what is left, after that time
 */
export async function settle(cloud: Pick<Cloud, "skipWaits" | "settled">, timeoutMilliseconds: number): Promise<void> {
  const deadline = performance.now() + timeoutMilliseconds;
  for (let wait = HURRY_MILLISECONDS.first; ; wait = Math.min(wait * 2, HURRY_MILLISECONDS.longest)) {
    cloud.skipWaits();
    try {
      return await cloud.settled(wait);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}
