import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { ItemKey } from "../../contracts/entity.ts";
import { FOR_RELAY } from "../../contracts/item-attributes.ts";
import { IdReusedError, StateConflictError, toError } from "../errors.ts";
import type { ServiceConfig } from "../lambda/config.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import type { GuardedAction } from "../table/commit.ts";
import type { Item } from "../table/read-items.ts";
import { expiryOf } from "../table/expiry.ts";
import { AlreadyHandledError } from "./already-handled.ts";
import type { PublishedEvent } from "./identity.ts";
import {
  checkpointRecord,
  entryOf,
  handledRecord,
  type InboxEntry,
  inboxKey,
  isOf,
  type OutgoingEvent,
  otherInboxKey,
} from "./inbox-record.ts";
import { type InboxPlace, isOfOther, readInbox } from "./read-inbox.ts";

/** Days that a record of another source outlives the one beside it: more than any handling takes. */
const MARGIN_DAYS = 1;

/** What an inbox is kept with. */
export interface InboxContext extends InboxPlace {
  readonly config: Pick<ServiceConfig, "service" | "table" | "inboxDays">;
}

/** What a record has besides what every inbox record has, by the events that it carries. */
type RecordExtras = (outgoing: readonly OutgoingEvent[]) => Readonly<Record<string, unknown>>;

/** The place in the table where a consumer remembers one event, for as long as one delivery of it is handled. */
export class Inbox {
  readonly event: PublishedEvent;
  readonly #context: InboxContext;
  readonly #more: RecordExtras;
  #key: ItemKey;
  /** The events that a checkpoint of an earlier run has stored, and how many checkpoints have. */
  #open: { readonly checkpoints: number; readonly outgoing: readonly OutgoingEvent[] } | undefined;
  #looked: Promise<void> | undefined;
  /** The record of another source that has the event's id. */
  #other: InboxEntry | undefined;

  /** @param more what the record of the handled event has besides */
  constructor(context: InboxContext, event: PublishedEvent, more: RecordExtras = () => ({})) {
    this.#context = context;
    this.#more = more;
    this.event = event;
    this.#key = inboxKey(context.config.service, event.id);
  }

  /** The events that checkpoints of earlier runs have stored, as far as known. */
  get stored(): readonly OutgoingEvent[] {
    return this.#open?.outgoing ?? [];
  }

  /** How many checkpoints have stored events, as far as known. */
  get checkpoints(): number {
    return this.#open?.checkpoints ?? 0;
  }

  /**
   * Reads the inbox, once per run of the handler.
   *
   * @throws AlreadyHandledError when the event has been handled; IdReusedError when another event has its source and id.
   */
  async requireNew(): Promise<void> {
    this.#looked ??= this.#look();
    try {
      await this.#looked;
    } catch (error) {
      this.#looked = undefined;
      throw error;
    }
  }

  /** The handler runs again: another delivery may have handled the event meanwhile, so the inbox is to be read again. */
  runsAgain(): void {
    this.#looked = undefined;
  }

  /** The action that records the event as handled, together with what it emits. */
  async handle(outgoing: readonly OutgoingEvent[]): Promise<GuardedAction[]> {
    return this.#put({ ...handledRecord(this.#context.config, this.event, outgoing, Date.now()), ...this.#more(outgoing) });
  }

  /** The action that stores what the event has emitted so far; if that is nothing, it only checks that the event is not handled. */
  async checkpoint(outgoing: readonly OutgoingEvent[]): Promise<GuardedAction[]> {
    const { config } = this.#context;
    if (outgoing.length > 0) {
      const checkpoints = (this.#open?.checkpoints ?? 0) + 1;
      return this.#put(checkpointRecord(config, this.event, outgoing, checkpoints, Date.now()));
    }
    await this.#keepOther();
    const check = { TableName: config.table, Key: marshall(this.#key), ...this.#condition() };
    return [{ action: { ConditionCheck: check }, isGuard: true, refused: (found) => this.#refused(found) }];
  }

  /** A checkpoint has been committed. */
  checkpointed(outgoing: readonly OutgoingEvent[]): void {
    if (outgoing.length > 0) this.#open = { checkpoints: (this.#open?.checkpoints ?? 0) + 1, outgoing };
  }

  /** Notes that all outgoing events of a handled event are published: then a further copy publishes nothing. */
  async markPublished(): Promise<void> {
    const { clients, config } = this.#context;
    await clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: config.table,
        Key: marshall(this.#key),
        UpdateExpression: "SET published = :true",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: marshall({ ":true": true }),
      }),
    );
  }

  async #look(): Promise<void> {
    const { own, other } = await readInbox(this.#context, this.event);
    this.#learn(other);
    this.#learn(own);
  }

  /** Takes in a record under the event's id. @throws AlreadyHandledError, IdReusedError */
  #learn(entry: InboxEntry | undefined): void {
    this.#open = undefined;
    if (!entry) return;
    if (isOfOther(entry, this.event)) {
      this.#other = entry;
      this.#key = otherInboxKey(this.#context.config.service, this.event);
      return;
    }
    if (!isOf(entry, this.event)) throw new IdReusedError();
    if (entry.checkpoints === undefined) throw new AlreadyHandledError(entry);
    this.#open = { checkpoints: entry.checkpoints, outgoing: entry.outgoing };
  }

  async #put(record: Record<string, unknown>): Promise<GuardedAction[]> {
    await this.#keepOther();
    const put = {
      TableName: this.#context.config.table,
      Item: marshall({ ...this.#key, ...record }),
      ...this.#condition(),
    };
    return [{ action: { Put: put }, isGuard: true, refused: (found) => this.#refused(found) }];
  }

  /** What must be at the event's place for it not to be handled: nothing, or the checkpoint that this run goes on from. */
  #condition() {
    const known = this.#open?.checkpoints;
    return {
      ConditionExpression: known === undefined ? "attribute_not_exists(pk)" : "checkpoints = :checkpoints",
      ...(known !== undefined && { ExpressionAttributeValues: marshall({ ":checkpoints": known }) }),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    };
  }

  /** Why the condition did not hold, by what was found. */
  #refused(found: Item | undefined): Error {
    try {
      this.#learn(found && entryOf(unmarshall(found)));
      return new StateConflictError("another delivery of the event has got further");
    } catch (error) {
      return toError(error);
    }
  }

  /**
   * Makes the other source's record outlive this event's: if it went first, a copy of this event would find the place free, and take
   * effect again.
   */
  async #keepOther(): Promise<void> {
    if (!this.#other) return;
    const { clients, config } = this.#context;
    const expiresAt = expiryOf(Date.now(), config.inboxDays + MARGIN_DAYS);
    if (this.#other.expiresAt >= expiresAt) return;
    await clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: config.table,
        Key: marshall(inboxKey(config.service, this.event.id)),
        // A request's is in the stream already: this change of it is not for the relay.
        UpdateExpression: `SET expiresAt = :expiresAt REMOVE ${FOR_RELAY}`,
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: marshall({ ":expiresAt": expiresAt }),
      }),
    );
    this.#other = { ...this.#other, expiresAt };
  }
}
