import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { ItemKey } from "../../contracts/entity.ts";
import type { Envelope } from "../../contracts/envelope.ts";
import type { InboxHome } from "../../contracts/inbox-home.ts";
import { TRANSACTION_ACTIONS } from "../../contracts/limits.ts";
import { IdReusedError, StateConflictError, toError } from "../errors.ts";
import { AlreadyHandledError } from "../inbox/already-handled.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import { Inbox, type InboxContext } from "../inbox/inbox.ts";
import { checkpointRecord, handledRecord, isOf, type OutgoingEvent } from "../inbox/inbox-record.ts";
import { pack } from "../inbox/packed-events.ts";
import { marshall } from "../table/attribute-values.ts";
import type { GuardedAction } from "../table/commit.ts";
import { type Item, readItem } from "../table/read-items.ts";
import type { EventInbox, Work } from "./event-inbox.ts";
import { entriesIn, entryFor, isLive, spilledUntil } from "./home-item.ts";
import { homeKey } from "./home-key.ts";
import { divide, toRecord } from "./home-spill.ts";
import { dataOf, homeAfter, replacement } from "./home-writes.ts";
import type { Reads } from "./reads.ts";
import { toCheck } from "./writes.ts";

/** The home and the event's record. */
const INBOX_ACTIONS = 2;

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

/**
 * An inbox in the item that an event is about: one conditional write makes the handler's change and the entry, where a record of its own
 * takes a transaction. See docs/decisions/inbox-in-item.md.
 */
export class HomeInbox implements EventInbox {
  readonly event: PublishedEvent;
  readonly home: ItemKey;
  readonly #context: InboxContext;
  /** The event's record: written too while the service moves from records to homes or back, and asked for entries that were moved there. */
  readonly #record: Inbox;
  readonly #isMoving: boolean;
  /** Whether functions that know nothing but records may read what is moved there. */
  readonly #isListed: boolean;
  /** Whether the home is the event's alone, so that it is not there before the event is handled. */
  #isUnique: boolean;
  #open: { readonly checkpoints: number; readonly outgoing: readonly OutgoingEvent[] } | undefined;
  /** Where the home says that the event is handled. */
  #index: number | undefined;
  #looked: Promise<void> | undefined;
  /** Ids of entries that stay in the home: their records have other events, or say more, or are this event's. */
  readonly #staying: Set<string>;
  /** The home as the last actions leave it. */
  #next: Item | undefined;

  /** @param isMoving whether events may have records, or be handled by functions that know nothing but records */
  constructor(
    context: InboxContext,
    home: InboxHome,
    header: Omit<Envelope, "data">,
    event: PublishedEvent,
    isMoving: boolean,
  ) {
    this.#context = context;
    this.#record = new Inbox(context, event);
    this.#isMoving = isMoving;
    this.#isListed = isMoving && !home.retired;
    this.#staying = new Set([event.id]);
    this.#isUnique = home.unique === true;
    this.event = event;
    this.home = homeKey(home, header);
  }

  get stored(): readonly OutgoingEvent[] {
    // While the service moves, code that knows only one place may have got further there: what is stored only grows.
    const [home, record] = [this.#open?.outgoing ?? [], this.#record.stored];
    return record.length > home.length ? record : home;
  }

  get checkpoints(): number {
    return (this.#open?.checkpoints ?? 0) + this.#record.checkpoints;
  }

  async requireNew(reads?: Reads): Promise<void> {
    this.#looked ??= this.#look(reads);
    try {
      await this.#looked;
    } catch (error) {
      this.#looked = undefined;
      throw error;
    }
  }

  runsAgain(): void {
    this.#looked = undefined;
    this.#record.runsAgain();
  }

  async handle(outgoing: readonly OutgoingEvent[], work: Work): Promise<GuardedAction[]> {
    return this.#put(handledRecord(this.#context.config, this.event, outgoing, Date.now()), work, (record) =>
      this.#isMoving ? record.handle(outgoing) : record.checkpoint([]),
    );
  }

  async checkpoint(outgoing: readonly OutgoingEvent[], work: Work): Promise<GuardedAction[]> {
    const inRecord = (record: Inbox) => record.checkpoint(this.#isMoving ? outgoing : []);
    if (outgoing.length > 0) {
      const checkpoints = (this.#open?.checkpoints ?? 0) + 1;
      const entry = checkpointRecord(this.#context.config, this.event, outgoing, checkpoints, Date.now());
      return this.#put(entry, work, inRecord);
    }
    if (work.own) return this.#put(undefined, work, inRecord);
    const before = await work.reads.one(this.home);
    this.#learn(before);
    const { ConditionCheck: check } = toCheck(this.#context.config.table, this.home, work.reads.versionOf(this.home) ?? 0);
    return [this.#guarded({ ConditionCheck: { ...check!, ...ALL_OLD } }), ...(await this.#recordActions(before, inRecord))];
  }

  checkpointed(outgoing: readonly OutgoingEvent[], { own, reads }: Work): void {
    if (outgoing.length > 0) this.#open = { checkpoints: (this.#open?.checkpoints ?? 0) + 1, outgoing };
    if (this.#isMoving) this.#record.checkpointed(outgoing);
    if (own || outgoing.length > 0) reads.set(this.home, this.#next);
  }

  async markPublished(): Promise<void> {
    if (this.#index === undefined) return this.#record.markPublished();
    const place = `inbox[${this.#index}]`;
    const { source, id, content = "" } = this.event;
    try {
      await this.#context.clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: this.#context.config.table,
          Key: marshall(this.home),
          // With the version, a write that has read the item before it fails: it would take the note back.
          UpdateExpression: `SET ${place}.published = :true ADD #version :one`,
          ConditionExpression: `${place}.id = :id AND ${place}.#source = :source AND ${place}.content = :content`,
          ExpressionAttributeNames: { "#version": "version", "#source": "source" },
          ExpressionAttributeValues: marshall({ ":true": true, ":one": 1, ":id": id, ":source": source, ":content": content }),
        }),
      );
    } catch (error) {
      // The entry has another place by now, or none: the next copy publishes again.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async #look(reads: Reads | undefined): Promise<void> {
    // What the handler has read of the home may be from before another delivery.
    const isUnread = reads && reads.versionOf(this.home) === undefined;
    const item = isUnread ? await reads.one(this.home) : await readItem(this.#context, this.home);
    this.#learn(item);
    if (this.#isMoving || spilledUntil(item) > 0) await this.#record.requireNew();
  }

  /** Takes in what the home says of the event. @throws AlreadyHandledError, IdReusedError */
  #learn(item: Item | undefined): void {
    const entry = entryFor(entriesIn(item), this.event);
    this.#open = undefined;
    this.#index = entry?.checkpoints === undefined ? entry?.index : undefined;
    if (!entry) return;
    if (!isOf(entry, this.event)) throw new IdReusedError();
    if (entry.checkpoints === undefined) throw new AlreadyHandledError(entry);
    this.#open = { checkpoints: entry.checkpoints, outgoing: entry.outgoing };
  }

  /** The actions that make the unit's write of the home, and put the entry into it. */
  async #put(
    record: Record<string, unknown> | undefined,
    { own, reads, others: actions }: Work,
    inRecord: (record: Inbox) => Promise<GuardedAction[]>,
  ): Promise<GuardedAction[]> {
    const { config } = this.#context;
    // Nothing need be read that only this event can have written.
    if (!this.#isUnique || reads.versionOf(this.home) !== undefined) this.#learn(await reads.one(this.home));
    const before = reads.known(this.home);
    const expected = reads.versionOf(this.home) ?? 0;
    const others = entriesIn(before).filter(
      (entry) => isLive(entry) && (entry.id !== this.event.id || entry.source !== this.event.source),
    );
    const entry = record && { ...this.#entryOf(record), expiresAt: Number(record["expiresAt"]) };
    const { kept, spilling } = divide(others, entry, {
      staying: this.#staying,
      most: TRANSACTION_ACTIONS - INBOX_ACTIONS - actions,
      data: dataOf(before, own),
    });
    const entries = [...kept.map(({ stored, expiresAt }) => ({ ...stored, expiresAt })), ...(entry ? [entry] : [])];
    const spilled = Math.max(spilledUntil(before), ...spilling.map(({ expiresAt }) => expiresAt));
    this.#next = homeAfter({ key: this.home, before, expected, write: own, entries, spilled });
    const { Put: put, Delete: removal } = replacement(config.table, this.home, this.#next, expected);
    const action = put ? { Put: { ...put, ...ALL_OLD } } : { Delete: { ...removal!, ...ALL_OLD } };
    const records = spilling.map((each) =>
      toRecord(config, each, { isListed: this.#isListed, onTaken: () => this.#staying.add(each.id) }),
    );
    return [this.#guarded(action), ...(await this.#recordActions(before, inRecord)), ...records];
  }

  async #recordActions(
    before: Item | undefined,
    inRecord: (record: Inbox) => Promise<GuardedAction[]>,
  ): Promise<GuardedAction[]> {
    return this.#isMoving || spilledUntil(before) > 0 ? inRecord(this.#record) : [];
  }

  /** An entry as it is stored: short, for it is written again with each change of the item. */
  #entryOf({ handledAt: _, fingerprint, outgoing, ...entry }: Record<string, unknown>): Record<string, unknown> {
    return {
      id: this.event.id,
      ...entry,
      outgoing: Array.isArray(outgoing) && outgoing.length > 0 ? pack(outgoing) : outgoing,
      ...(this.#isMoving && { fingerprint }),
    };
  }

  #guarded(action: GuardedAction["action"]): GuardedAction {
    return { action, isGuard: true, refused: (found) => this.#refused(found) };
  }

  /** Why the home is not as it was read. */
  #refused(found: Item | undefined): Error {
    this.#isUnique = false;
    try {
      this.#learn(found);
      return new StateConflictError("the item that the event is about has changed");
    } catch (error) {
      return toError(error);
    }
  }
}
