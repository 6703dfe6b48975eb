import type { World } from "../world.ts";
import type { Change } from "./dynamodb.ts";
import type { Environment } from "./environment.ts";
import type { Item } from "./items.ts";

/** Shards of a stream: the changes of one item lie in one of them, and Lambda hands out each by itself. */
const SHARDS = 2;

/** Records of one invocation; a real mapping takes more, but then batches would never meet. */
const BATCH_SIZE = 5;

/** Until a record is handed out, in milliseconds. */
const EARLIEST = 50;
const LATEST = 400;

/** Until a batch that failed is handed out again, in milliseconds. */
const AGAIN = 1_000;

interface StreamRecord {
  readonly eventID: string;
  readonly dynamodb: { readonly SequenceNumber: string; readonly NewImage: Item };
}

/** What reads a stream: a function, and which changes it is to see. */
export interface Reader {
  readonly create: () => Environment;
  readonly isFor: (item: Item) => boolean;
  readonly timeoutMilliseconds: number;
}

/**
 * A table's stream, and the mapping that hands it to a function, one batch of each shard at a time: a batch that fails comes again from its
 * first failed record on. amazondynamodb, "DynamoDB Streams and AWS Lambda triggers"
 */
export class Stream {
  readonly #world: World;
  readonly #reader: Reader;
  readonly #shards = Array.from({ length: SHARDS }, () => ({ records: new Array<StreamRecord>(), isBusy: false }));
  #environments: Environment[] = [];
  #next = 1;

  constructor(world: World, reader: Reader) {
    this.#world = world;
    this.#reader = reader;
  }

  /** Whether all that was changed has been handled. */
  get isEmpty(): boolean {
    return this.#shards.every(({ records }) => records.length === 0);
  }

  /** Takes in what a write has changed. */
  take(changes: readonly Change[]): void {
    for (const { key, after } of changes) {
      if (!after || !this.#reader.isFor(after)) continue;
      const number = this.#next++;
      const shard = Buffer.from(key).reduce((sum, byte) => sum + byte, 0) % SHARDS;
      this.#shards[shard]!.records.push({
        eventID: `change-${number}`,
        dynamodb: { SequenceNumber: String(number).padStart(21, "0"), NewImage: after },
      });
      this.#wake(shard, this.#world.random.between(EARLIEST, LATEST));
    }
  }

  #wake(number: number, milliseconds: number): void {
    this.#world.scheduler.after(milliseconds, () => this.#hand(number));
  }

  #hand(number: number): void {
    const shard = this.#shards[number]!;
    if (shard.isBusy || shard.records.length === 0) return;
    shard.isBusy = true;
    const batch = shard.records.slice(0, 1 + this.#world.random.below(BATCH_SIZE));
    const environment = this.#environment();
    environment.busy = true;
    const invoked = { event: { Records: batch }, batch: [], timeoutMilliseconds: this.#reader.timeoutMilliseconds };
    environment.invoke(invoked, (_invocation, answer) => {
      environment.busy = false;
      shard.isBusy = false;
      const done = doneOf(answer, batch);
      shard.records.splice(0, done);
      this.#world.trace(`stream ${number}: ${done} of ${batch.length} done`);
      this.#wake(number, done === batch.length ? 1 : AGAIN);
    });
  }

  #environment(): Environment {
    const { faults, random } = this.#world;
    this.#environments = this.#environments.filter(({ dead }) => !dead);
    const idle = this.#environments.filter(({ busy }) => !busy);
    if (idle.length > 0 && !faults.happens("lambda.recycled")) return random.pick(idle);
    const created = this.#reader.create();
    this.#environments.push(created);
    return created;
  }
}

/** How many records of a batch, from its first on, are done with, by the function's answer; undefined says none. */
function doneOf(answer: unknown, batch: readonly StreamRecord[]): number {
  if (typeof answer !== "object" || answer === null) return 0;
  const failures: unknown = Reflect.get(answer, "batchItemFailures");
  if (!Array.isArray(failures)) return 0;
  const failed = new Set(failures.map((failure: unknown): unknown => Reflect.get(Object(failure), "itemIdentifier")));
  const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb.SequenceNumber));
  return first < 0 ? batch.length : first;
}
