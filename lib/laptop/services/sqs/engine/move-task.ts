import { randomUUID } from "node:crypto";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { Queue } from "./queue.ts";

export type MoveTaskStatus = "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";

/** How many messages are moved in one turn of the event loop where there is no limit per second. */
const AT_ONCE = 500;

export interface MoveTaskOptions {
  readonly source: Queue;
  /** The queue for a message that was a dead letter of the queue with this ARN. */
  readonly targetFor: (deadLetterSource: string | undefined) => Queue | undefined;
  readonly destinationArn: string | undefined;
  /** @default - as fast as it goes */
  readonly perSecond: number | undefined;
  readonly clock: Clock;
}

/** Moves the messages of a dead-letter queue elsewhere, or back to where they came from (SQS API reference, StartMessageMoveTask). */
export class MoveTask {
  readonly id = randomUUID();
  readonly startedAt: number;
  readonly toMove: number;
  readonly options: MoveTaskOptions;
  moved = 0;
  status: MoveTaskStatus = "RUNNING";
  failureReason: string | undefined;
  #cancelNext: Cancel = () => {};

  constructor(options: MoveTaskOptions) {
    this.options = options;
    this.startedAt = options.clock.now();
    this.toMove = options.source.counts.ready;
  }

  get sourceArn(): string {
    return this.options.source.arn;
  }

  run(): void {
    const { perSecond, clock } = this.options;
    const atOnce = perSecond === undefined ? AT_ONCE : 1;
    for (let moved = 0; moved < atOnce && this.status === "RUNNING"; moved += 1) this.#moveOne();
    if (this.status !== "RUNNING") return;
    this.#cancelNext = clock.after(perSecond === undefined ? 0 : 1_000 / perSecond, () => this.run());
  }

  end(status: MoveTaskStatus, reason?: string): void {
    this.#cancelNext();
    this.status = status;
    this.failureReason = reason;
  }

  #moveOne(): void {
    const { source, targetFor, clock } = this.options;
    const message = source.firstReady;
    if (message === undefined) return this.end("COMPLETED");
    const target = targetFor(message.deadLetterSource);
    if (target === undefined) return this.end("FAILED", "AWS.SimpleQueueService.NonExistentQueue");
    source.release(message);
    target.adopt(message.sentAnew(randomUUID(), clock.now()));
    this.moved += 1;
  }
}
