import type { World } from "./world.ts";

const HOUR = 3_600_000;

/** How long the backlog may take to reach zero once faults have stopped: what hangs is tried for a day. */
const SETTLED_WITHIN = 36 * HOUR;

/** Runs until nothing is left to happen. */
export async function settle(world: World): Promise<void> {
  await world.scheduler.run(world.scheduler.now + SETTLED_WITHIN);
  if (!world.scheduler.isIdle)
    world.checks.report("the backlog reaches zero", "things still happen hours after the last fault");
}

/** What an operator does with dead letters: sends every one back to the one service it was for. */
export function redrive(world: World): void {
  for (const { queue, deadLetters, undelivered } of world.queuesOf.values()) {
    for (const from of [deadLetters, undelivered]) {
      for (const message of from.messages) {
        queue.send({ body: message.body, group: message.group, origin: "operator" });
        from.remove(message);
      }
    }
  }
}
