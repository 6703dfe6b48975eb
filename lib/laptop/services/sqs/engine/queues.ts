import { AwsError } from "../../../shared/aws-error.ts";
import type { Changes } from "../../../shared/changes.ts";
import type { Clock } from "../../../shared/clock.ts";
import { nameOf } from "../../../shared/account.ts";
import type { QueueAttributes } from "./attributes.ts";
import { Queue } from "./queue.ts";
import type { QueueContext } from "./queue-context.ts";
import type { QueueStore } from "./store/queue-store.ts";

/** SQS API reference, CreateQueue: "you must wait at least 60 seconds". */
const DELETED_RECENTLY_MILLISECONDS = 60_000;

/** The queues that there are. */
export class Queues {
  readonly #context: QueueContext;
  readonly #queues = new Map<string, Queue>();
  /** When queues were deleted, by name. */
  readonly #deleted = new Map<string, number>();
  // Microseconds, so that numbers grow from one run to the next as well.
  #order = Date.now() * 1_000;

  constructor(clock: Clock, changes: Changes, store: QueueStore | undefined) {
    const nextOrder = () => (this.#order += 1);
    this.#context = { clock, changes, store, nextOrder, queueByArn: (arn) => this.byArn(arn) };
    const kept = (store?.load() ?? []).map((each) => {
      const queue = new Queue(each.name, each.attributes, this.#context, each.createdAt);
      this.#queues.set(each.name, queue);
      return { queue, each };
    });
    // Once all are there: dead letters may move at once.
    for (const { queue, each } of kept) queue.restore(each);
  }

  /** By name. */
  all(): Queue[] {
    return [...this.#queues.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  byName(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.#queues.get(nameOf(arn));
    return queue?.arn === arn ? queue : undefined;
  }

  /** Queues whose dead letters go to one. */
  sourcesOf(target: Queue): Queue[] {
    return this.all().filter(({ settings }) => settings.redrivePolicy?.targetArn === target.arn);
  }

  /** @param attributes checked ones. @throws AwsError QueueDeletedRecently */
  create(name: string, attributes: QueueAttributes, tags: Readonly<Record<string, string>> = {}): Queue {
    const deletedAt = this.#deleted.get(name) ?? -Infinity;
    if (this.#context.clock.now() < deletedAt + DELETED_RECENTLY_MILLISECONDS) {
      const message = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
      throw new AwsError("QueueDeletedRecently", message);
    }
    const queue = new Queue(name, attributes, this.#context);
    queue.setTags(tags);
    this.#queues.set(name, queue);
    return queue;
  }

  delete(queue: Queue): void {
    queue.close();
    this.#queues.delete(queue.name);
    this.#deleted.set(queue.name, this.#context.clock.now());
    this.#context.store?.removeQueue(queue.name);
    this.#context.changes.notify();
  }

  close(): void {
    for (const queue of this.all()) queue.close();
  }
}
