import { writeSync } from "node:fs";
import { Queues } from "#lib/laptop/services/sqs/engine/queues.ts";
import { QueueStore } from "#lib/laptop/services/sqs/engine/store/queue-store.ts";
import { Changes } from "#lib/laptop/shared/changes.ts";
import { Clock } from "#lib/laptop/shared/clock.ts";
import { openKept } from "#lib/laptop/shared/persistence/kept-database.ts";

/*
 * Sends, receives and deletes messages of a kept queue until it is killed. Each line on standard output is an answer that a client would
 * have: `sent <id>`, `deleted <id>`. It stands there before anything else happens.
 */

const [file = ""] = process.argv.slice(2);
const queues = new Queues(new Clock(), new Changes(), new QueueStore(openKept(file)));
const standard = queues.byName("orders") ?? queues.create("orders", {});
const fifo = queues.byName("orders.fifo") ?? queues.create("orders.fifo", {});
const { signal } = new AbortController();
const say = (line: string): void => void writeSync(1, `${line}\n`);

say("ready");
for (let round = 0; ; round++) {
  const body = "x".repeat((round * 997) % 6_000);
  say(`sent ${standard.send({ body }).messageId}`);
  say(`sent ${fifo.send({ body, groupId: `g${round % 3}`, deduplicationId: `${process.pid} ${round}` }).messageId}`);
  for (const queue of [standard, fifo]) {
    const received =
      round % 2 === 0 ? await queue.receive({ maximum: 1, visibilityTimeoutSeconds: 30, waitSeconds: 0, signal }) : [];
    for (const { message, receiptHandle } of received) {
      say(`deleting ${message.id}`);
      queue.delete(receiptHandle);
      say(`deleted ${message.id}`);
    }
  }
}
