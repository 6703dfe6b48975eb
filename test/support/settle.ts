import type { Cloud } from "#lib/laptop/index.ts";

/** How often what waits is made due, and for how long at the most, in milliseconds. */
const LOOK_EVERY = 20;
const LONGEST = 20_000;

/** Waits until a cloud has nothing left to do; retries that wait for their time come due at once. @throws Error that says what is left */
export async function settle(cloud: Cloud): Promise<void> {
  for (const start = performance.now(); ;) {
    cloud.skipWaits();
    try {
      return await cloud.settled(LOOK_EVERY);
    } catch (error) {
      if (performance.now() > start + LONGEST) throw error;
    }
  }
}
