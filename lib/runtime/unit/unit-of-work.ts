import {
  type AnyEntityDefinition,
  type EntityId,
  type IndexOf,
  type ItemKey,
  type ItemOf,
  keyOf,
} from "../../contracts/entity.ts";
import type { DataOf } from "../../contracts/event.ts";
import { INBOX_ONLY } from "../../contracts/item-attributes.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { unmarshall } from "../table/attribute-values.ts";
import type { Log } from "../lambda/logger.ts";
import { Effects } from "./effects.ts";
import { queryKeys, type QueryOptions } from "./query.ts";
import type { Seal } from "./seal.ts";
import { fromItem, toItem } from "./stored-item.ts";
import type { Transaction } from "./transaction.ts";
import type { UnitContext } from "./unit-context.ts";
import { unitLog } from "./unit-log.ts";

/** How an item is read. */
export interface ReadOptions {
  /**
   * The item must be the same when the unit commits; else the handler runs again. For an item that the handler decides by and does not
   * write: items that it puts or deletes are checked anyway. Costs two write units per item. @default false
   */
  readonly unchanged?: boolean;
}

/**
 * All that one event changes: state and outgoing events, gathered while the handler runs and committed together when it
 * returns. Reads are consistent and repeatable: a second read of an item returns what the first one found, with this unit's own writes.
 * If an item that the unit has read and then puts or deletes has changed by the commit, the commit fails and the handler runs again.
 */
export class UnitOfWork<Service extends ServiceDefinition = ServiceDefinition> {
  /** Outside effects, each recorded so that it is not repeated. */
  readonly effects: Effects;
  /**
   * Writes lines with the event's ids to the function's log, as JSON: `unit.log.info("packed", { parcels: 2 })`. Keep personal data out of
   * it. A handler that runs again writes its lines again.
   */
  readonly log: Log;
  readonly #context: UnitContext;
  readonly #transaction: Transaction;
  readonly #seal: Seal;

  constructor(context: UnitContext, transaction: Transaction, seal: Seal) {
    this.#context = context;
    this.#transaction = transaction;
    this.#seal = seal;
    this.effects = new Effects(context, seal, transaction.reads);
    this.log = unitLog(context.log, context.event);
  }

  /** Aborts when the handler's time is up; pass it to calls that can hang. */
  get signal(): AbortSignal {
    return this.#context.signal;
  }

  /** How often the event has been received, including this time. */
  get attempt(): number {
    return this.#context.attempt;
  }

  /** Reads one item; undefined if it does not exist. */
  async get<Entity extends Service["owns"][number]>(
    entity: Entity,
    id: EntityId,
    options: ReadOptions = {},
  ): Promise<ItemOf<Entity> | undefined> {
    return this.#seal.run(async () => {
      const [item] = await this.#read(entity, [keyOf(entity, id)], options);
      return item;
    });
  }

  /** Reads many items of one kind, in the order of the ids; undefined for each that does not exist. */
  async getAll<Entity extends Service["owns"][number]>(
    entity: Entity,
    ids: readonly EntityId[],
    options: ReadOptions = {},
  ): Promise<(ItemOf<Entity> | undefined)[]> {
    const keys = ids.map((id) => keyOf(entity, id));
    return this.#seal.run(() => this.#read(entity, keys, options));
  }

  /**
   * Reads the items of a partition, of the table or of an index, in the order of their sort keys and page by page as the loop goes on. It
   * sees what this unit has written before it began. The items count as read, as with `get`; items that others add to the partition
   * meanwhile do not make the handler run again. A query of the table is consistent; one of an index may miss an item that was put
   * within the last second or so, and shows the others as they are.
   *
   * ```ts
   * for await (const parcel of unit.query(parcels, "c-7", { index: "byCustomer" })) …
   * ```
   *
   * @param entity one that the service's definition names in `queries`
   * @param partition the first part of the items' ids; with an index, what its `partition` gives
   */
  async *query<Entity extends NonNullable<Service["queries"]>[number]>(
    entity: Entity,
    partition: string,
    options: QueryOptions<IndexOf<Entity>> & ReadOptions = {},
  ): AsyncGenerator<ItemOf<Entity>, void> {
    const keys = queryKeys(this.#transaction, entity, partition, options);
    const next = async (): Promise<ItemOf<Entity> | undefined> => {
      for (;;) {
        const { value: key, done } = await keys.next();
        if (done) return undefined;
        const [item] = await this.#read(entity, [key], options);
        if (item !== undefined) return item;
      }
    };
    for (let left = options.limit ?? Infinity; left > 0; left--) {
      const item = await this.#seal.run(next);
      if (item === undefined) return;
      yield item;
    }
  }

  /**
   * Creates or replaces an item. An item that this unit has read must not have changed since; one that it has not read must
   * not exist, else the event is dead with a PermanentError that says so.
   *
   * @param options.overwrite writes whatever is there: for data that is the same whoever writes it
   */
  put<Entity extends Service["owns"][number]>(
    entity: Entity,
    data: ItemOf<Entity>,
    { overwrite = false }: { overwrite?: boolean } = {},
  ): void {
    this.#seal.requireOpen();
    const key = keyOf(entity, entity.id(data));
    const replacing = this.#transaction.replacing(key, overwrite);
    this.#transaction.writes.add({ kind: "put", key, ...toItem(entity, key, data), ...replacing });
  }

  /** Deletes an item. One that this unit has read must not have changed since. */
  delete<Entity extends Service["owns"][number]>(entity: Entity, id: EntityId): void {
    this.#seal.requireOpen();
    const key = keyOf(entity, id);
    const { expected, unread } = this.#transaction.replacing(key);
    this.#transaction.writes.add({ kind: "delete", key, expected: unread ? "any" : expected });
  }

  /**
   * Adds to a number of an existing item, without conflicting with others that add to it. The commit fails, and the handler
   * runs again, if the sum would be below `atLeast`.
   */
  add<Entity extends Service["owns"][number]>(
    entity: Entity,
    id: EntityId,
    attribute: keyof ItemOf<Entity> & string,
    by: number,
    { atLeast }: { atLeast: number },
  ): void {
    this.#seal.requireOpen();
    this.#transaction.writes.add({ kind: "add", key: keyOf(entity, id), attribute, by, atLeast, expires: !!entity.expires });
  }

  /**
   * Emits an event: it is published once the unit has committed, under an id that is the same on every redelivery.
   *
   * @throws InvalidEventError when the data breaks the event's contract; EventTooLargeError over SNS's limit.
   */
  emit<Definition extends Service["publishes"][number]>(definition: Definition, data: DataOf<Definition>): void {
    this.#seal.requireOpen();
    this.#transaction.outbox.emit(definition, data);
  }

  /**
   * Commits the writes so far, and stores the events emitted so far, for work that needs more than one transaction. If a later step
   * fails, the handler starts again from the top, so its own items must show how far it got. Events are published at the end, the stored
   * ones too if the handler does not emit them again.
   */
  async checkpoint(): Promise<void> {
    return this.#seal.run(() => this.#transaction.checkpoint());
  }

  /** Items as the first read of each found them, with what this unit has written since. */
  async #read<Entity extends AnyEntityDefinition>(
    entity: Entity,
    keys: readonly ItemKey[],
    { unchanged = false }: ReadOptions,
  ): Promise<(ItemOf<Entity> | undefined)[]> {
    const { writes } = this.#transaction;
    // What this unit has put or deleted needs no read.
    const asked = keys.filter((key) => writes.of(key).every(({ kind }) => kind === "add"));
    await this.#transaction.read(asked, unchanged);
    return keys.map((key) => {
      const item = unmarshall(this.#transaction.current(key) ?? {});
      return "pk" in item && !this.#isAbsent(key, item) ? fromItem(entity, key, item) : undefined;
    });
  }

  /** Whether an item does not exist for the handler: its time was up when it was first read, or it only holds inbox entries. */
  #isAbsent(key: ItemKey, item: Readonly<Record<string, unknown>>): boolean {
    const { reads, writes } = this.#transaction;
    const isPut = writes.of(key).some(({ kind }) => kind === "put");
    return item[INBOX_ONLY] === true || (!isPut && reads.versionOf(key) === "expired");
  }
}
