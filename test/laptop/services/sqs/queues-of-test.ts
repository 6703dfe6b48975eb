import { DatabaseSync } from "node:sqlite";
import { Queues } from "#lib/laptop/services/sqs/engine/queues.ts";
import { QueueStore } from "#lib/laptop/services/sqs/engine/store/queue-store.ts";
import { Changes } from "#lib/laptop/shared/changes.ts";
import { Clock } from "#lib/laptop/shared/clock.ts";

/** Queues of their own, and the clock that they go by. With a file, they keep what they hold in it. */
export function queuesOfTest(file?: string) {
  const clock = new Clock();
  const database = file === undefined ? undefined : new DatabaseSync(file);
  const queues = new Queues(clock, new Changes(), database && new QueueStore(database));
  return { clock, queues, database };
}

/** For receives that nobody gives up. */
export const untilServed = new AbortController().signal;
