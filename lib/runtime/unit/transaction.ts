import type { ItemKey } from "../../contracts/entity.ts";
import { PermanentError, StateConflictError } from "../errors.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import { unmarshall } from "../table/attribute-values.ts";
import { commit, type GuardedAction } from "../table/commit.ts";
import type { Item } from "../table/read-items.ts";
import type { ItemInbox } from "./item-inbox.ts";
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
  versionAfter,
  type Write,
} from "./writes.ts";

export interface TransactionContext extends UnitContext {
  /** Keeps the inbox in the one item that the handler writes. @default - in its own record */
  readonly itemInbox?: ItemInbox;
}

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
  readonly #context: TransactionContext;
  /** The checkpoints whose events the outbox has. */
  #checkpoints: number;
  /** Items that must not change until the commit although the handler only reads them, by `keyText`. */
  readonly #unchanged = new Map<string, ItemKey>();
  /** The end of the checkpoint before: they go one after the other. */
  #before: Promise<void> = Promise.resolve();

  constructor(context: TransactionContext) {
    this.#context = context;
    this.reads = new Reads(context);
    this.outbox = new Outbox(context, context.inbox.stored);
    this.#checkpoints = context.inbox.checkpoints;
  }

  /** Reads items, each once. @param unchanged has them checked at each commit from now on */
  async read(keys: readonly ItemKey[], unchanged: boolean): Promise<void> {
    const { itemInbox, inbox } = this.#context;
    if (keys.length > 1) await this.reads.many(keys);
    else if (keys[0]) await this.reads.one(keys[0]);
    for (const key of keys) {
      if (itemInbox) itemInbox.requireNew(unmarshall(this.reads.known(key) ?? {}), inbox.event);
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
   * @param unread what an item that was not read must be: not there, or not there any more
   * @param overwrite whatever is there
   */
  replacing(key: ItemKey, unread: ReadVersion, overwrite = false): Replacement {
    const earlier = this.writes.gathered(key);
    const committing = this.writes.committing(key);
    let expected: ExpectedVersion | undefined;
    // One transaction makes both writes of the item: what the first one expects has to hold.
    if (earlier && earlier.kind !== "add") expected = earlier.expected;
    else if (committing && committing.kind !== "add") expected = committing.kind === "put" ? committing.version : 0;
    else if (!overwrite || this.#unchanged.has(keyText(key))) expected = this.reads.versionOf(key);
    else expected = "any";
    const isUnread = expected === undefined || (earlier?.kind === "put" && earlier.unread === true);
    return { expected: expected ?? unread, version: versionAfter(expected ?? unread), unread: isUnread };
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
    const { itemInbox, inbox, signal } = this.#context;
    // A checkpoint that failed fails the event, even if the handler has caught its error: its writes are missing.
    await this.#before;
    const { events } = this.outbox;
    await this.outbox.upload(signal);
    if (itemInbox && this.writes.size > 0) {
      await itemInbox.commit(this.#context, { writes: this.writes.take(), reads: this.reads, outgoing: events });
    } else {
      const writes = this.writes.take();
      await this.#commit(await inbox.handle(events), writes);
    }
    return events;
  }

  async #checkpoint(): Promise<void> {
    const { inbox, itemInbox, signal } = this.#context;
    if (this.writes.size === 0 && !this.outbox.hasUnstored) return;
    if (itemInbox) throw new PermanentError("inboxInItem allows one write, and no checkpoint before it");
    const writes = this.writes.take();
    const events = this.outbox.recognizable;
    await this.outbox.upload(signal);
    await this.#commit(await inbox.checkpoint(events), writes);
    inbox.checkpointed(events);
    this.#checkpoints = inbox.checkpoints;
    this.outbox.stored(events);
    for (const write of writes) this.#remember(write);
    this.writes.committed();
  }

  async #commit(guard: GuardedAction, writes: readonly Write[]): Promise<void> {
    const { clients, config, inbox } = this.#context;
    // The inbox was read in the middle of this run, and another delivery had stored events: they would be lost.
    if (inbox.checkpoints !== this.#checkpoints) throw new StateConflictError("another delivery of the event has got further");
    const written = new Set(writes.map(({ key }) => keyText(key)));
    const checks = [...this.#unchanged].filter(([text]) => !written.has(text));
    await commit(
      clients.dynamodb,
      [
        guard,
        ...writes.map((write) => ({
          action: toAction(config.table, write, this.#checked(write)),
          refused: () => whyRefused(write),
        })),
        ...checks.map(([, key]) => ({ action: toCheck(config.table, key, this.reads.versionOf(key) ?? 0), refused: changed })),
      ],
      this.#context,
    );
  }

  /** The version that an addition's item must have, when it must not change until the commit. */
  #checked({ key }: Write): ReadVersion | undefined {
    return this.#unchanged.has(keyText(key)) ? this.reads.versionOf(key) : undefined;
  }

  /** Remembers what a committed write has left in the table. */
  #remember(write: Write): void {
    if (write.kind === "put") this.reads.set(write.key, putItem(write));
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
  if (write.kind !== "put" || !write.unread) return changed();
  const [entity] = write.key.pk.split("#", 1);
  const id = write.key.pk.slice(`${entity}#`.length);
  return new PermanentError(
    `the ${entity} "${id}"${write.key.sk === "-" ? "" : ` "${write.key.sk}"`} exists, and this handler put it without having read it: ` +
      "read it with unit.get before, or put it with { overwrite: true }",
  );
}
