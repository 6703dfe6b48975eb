import type { ItemKey } from "../../contracts/entity.ts";
import { StateConflictError } from "../errors.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import { commit, type GuardedAction } from "../table/commit.ts";
import type { Item } from "../table/read-items.ts";
import type { Work } from "./event-inbox.ts";
import { keepEntries, replacement } from "./home-writes.ts";
import { Outbox } from "./outbox.ts";
import { PendingWrites } from "./pending-writes.ts";
import { Reads } from "./reads.ts";
import type { UnitContext } from "./unit-context.ts";
import {
  addedItem,
  type ExpectedVersion,
  keyText,
  putItem,
  type ReadVersion,
  toAction,
  toCheck,
  unreadError,
  versionAfter,
  type Write,
} from "./writes.ts";

/** What replacing an item expects of it. */
interface Replacement {
  readonly expected: ExpectedVersion;
  readonly version: number;
  /** Whether the unit has not read the item. */
  readonly unread: boolean;
}

/** What one run of a handler has read, written and emitted, and how it is committed together with the inbox. */
export class Transaction {
  readonly reads: Reads;
  readonly writes = new PendingWrites();
  readonly outbox: Outbox;
  readonly #context: UnitContext;
  /** The checkpoints whose events the outbox has. */
  #checkpoints: number;
  /** Items that the handler has read, or put or deleted before a checkpoint, by `keyText`: the inbox reads others for itself. */
  readonly #seen = new Set<string>();
  /** Items that must not change until the commit although the handler only reads them, by `keyText`. */
  readonly #unchanged = new Map<string, ItemKey>();
  /** What writes leave of items that other events are remembered in. */
  readonly #left = new Map<Write, Item | undefined>();
  /** The end of the checkpoint before: they go one after the other. */
  #before: Promise<void> = Promise.resolve();

  constructor(context: UnitContext) {
    this.#context = context;
    this.reads = new Reads(context);
    this.outbox = new Outbox(context, context.inbox.stored);
    this.#checkpoints = context.inbox.checkpoints;
  }

  /** Reads items, each once. @param unchanged has them checked at each commit from now on */
  async read(keys: readonly ItemKey[], unchanged: boolean): Promise<void> {
    if (keys.length > 1) await this.reads.many(keys);
    else if (keys[0]) await this.reads.one(keys[0]);
    for (const key of keys) {
      this.#seen.add(keyText(key));
      if (unchanged) this.#unchanged.set(keyText(key), key);
    }
  }

  /** An item as the unit has it now: as the first read of it found it, with what the unit has written since. */
  current(key: ItemKey): Item | undefined {
    return this.writes.of(key).reduce(afterWrite, this.reads.known(key));
  }

  /**
   * The condition for replacing an item, and the version that it then has.
   *
   * @param overwrite whatever is there; else an item that was not read must not exist
   */
  replacing(key: ItemKey, overwrite = false): Replacement {
    const earlier = this.writes.gathered(key);
    const committing = this.writes.committing(key);
    let expected: ExpectedVersion | undefined;
    // One transaction makes both writes of the item: what the first one expects has to hold.
    if (earlier && earlier.kind !== "add") expected = earlier.expected;
    else if (committing && committing.kind !== "add") expected = committing.kind === "put" ? committing.version : 0;
    else if (overwrite && !this.#unchanged.has(keyText(key))) expected = "any";
    else if (this.#seen.has(keyText(key))) expected = this.reads.versionOf(key);
    const isUnread = expected === undefined || (earlier?.kind === "put" && earlier.unread === true);
    expected ??= "absent";
    return { expected, version: versionAfter(expected), unread: isUnread };
  }

  /** Commits what was gathered and emitted so far, and keeps the event open. */
  checkpoint(): Promise<void> {
    const result = this.#before.then(() => this.#checkpoint());
    this.#before = result;
    // The failure is the caller's, and the next commit's.
    result.catch(() => undefined);
    return result;
  }

  /** Commits everything together with the inbox. @returns what is to be published */
  async complete(): Promise<readonly OutgoingEvent[]> {
    const { inbox, signal } = this.#context;
    // A checkpoint that failed fails the event, even if the handler has caught its error: its writes are missing.
    await this.#before;
    const { events } = this.outbox;
    await this.outbox.upload(signal);
    await this.#commit(this.writes.take(), (work) => inbox.handle(events, work));
    return events;
  }

  async #checkpoint(): Promise<void> {
    const { inbox, signal } = this.#context;
    if (this.writes.size === 0 && !this.outbox.hasUnstored) return;
    const writes = this.writes.take();
    const events = this.outbox.recognizable;
    await this.outbox.upload(signal);
    const work = await this.#commit(writes, (own) => inbox.checkpoint(events, own));
    for (const write of writes) this.#remember(write);
    inbox.checkpointed(events, work);
    this.#checkpoints = inbox.checkpoints;
    this.outbox.stored(events);
    this.writes.committed();
  }

  async #commit(writes: readonly Write[], guard: (work: Work) => Promise<GuardedAction[]>): Promise<Work> {
    const { clients, config, inbox } = this.#context;
    const home = inbox.home && keyText(inbox.home);
    const own = writes.find(({ key }) => keyText(key) === home);
    const written = new Set([home, ...writes.map(({ key }) => keyText(key))]);
    const checks = [...this.#unchanged].filter(([text]) => !written.has(text));
    const work: Work = { reads: this.reads, own, others: writes.length - (own ? 1 : 0) + checks.length };
    const guards = await guard(work);
    // The inbox was read in the middle of this run, and another delivery had stored events: they would be lost.
    if (inbox.checkpoints !== this.#checkpoints) throw new StateConflictError("another delivery of the event has got further");
    const others = await Promise.all(writes.filter((write) => write !== own).map((write) => this.#action(write)));
    await commit(
      clients.dynamodb,
      [
        ...guards,
        ...others,
        ...checks.map(([, key]) => ({ action: toCheck(config.table, key, this.reads.versionOf(key) ?? 0), refused: changed })),
      ],
      this.#context,
    );
    return work;
  }

  async #action(write: Write): Promise<GuardedAction> {
    const { config, service } = this.#context;
    if (write.kind !== "add" && service.inbox && write.key.pk.startsWith(`${service.inbox.entity.name}#`)) {
      const item = await keepEntries(this.reads, write);
      this.#left.set(write, item);
      return { action: replacement(config.table, write.key, item, this.reads.versionOf(write.key) ?? 0), refused: changed };
    }
    return { action: toAction(config.table, write, this.#checked(write)), refused: () => whyRefused(write) };
  }

  /** The version that an addition's item must have, when it must not change until the commit. */
  #checked({ key }: Write): ReadVersion | undefined {
    return this.#unchanged.has(keyText(key)) ? this.reads.versionOf(key) : undefined;
  }

  /** Remembers what a committed write has left in the table. */
  #remember(write: Write): void {
    if (write.kind !== "add") this.#seen.add(keyText(write.key));
    if (this.#left.has(write)) this.reads.set(write.key, this.#left.get(write));
    else if (write.kind === "put") this.reads.set(write.key, putItem(write));
    else if (write.kind === "delete") this.reads.set(write.key, undefined);
    else if (this.#checked(write) === undefined) this.reads.forget(write.key); // others may have added to it as well
    else this.reads.set(write.key, addedItem(this.reads.known(write.key), write));
  }
}

/** An item after a write. */
function afterWrite(item: Item | undefined, write: Write): Item | undefined {
  if (write.kind === "delete") return undefined;
  return write.kind === "put" ? putItem(write) : addedItem(item, write);
}

function changed(): Error {
  return new StateConflictError("an item changed since it was read");
}

function whyRefused(write: Write): Error {
  return write.kind !== "add" && write.unread ? unreadError(write.key) : changed();
}
