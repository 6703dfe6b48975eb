import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EXPIRES_AT } from "../../contracts/item-attributes.ts";
import { AlreadyHandledError } from "../inbox/already-handled.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import type { OutgoingEvent } from "../inbox/inbox-record.ts";
import { requireTime } from "../lambda/deadline.ts";
import { IdReusedError, PermanentError, StateConflictError } from "../errors.ts";
import { unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import type { Reads } from "./reads.ts";
import type { UnitContext } from "./unit-context.ts";
import { toAction, type Write } from "./writes.ts";

/** The attribute in which an item keeps the events that were applied to it. */
const INBOX = "inbox";

/** Most events that one item may remember: each makes every later write of the item more expensive. */
const MOST_EVENTS = 50;

/** An event that was applied to an item, with what an inbox record would hold. */
interface Entry {
  readonly id: string;
  readonly fingerprint: string;
  readonly outgoing: readonly OutgoingEvent[];
  /** Until when it is remembered, in seconds since 1970. */
  readonly expiresAt: number;
}

/** What a unit of work has gathered, for an inbox that is kept in its one item. */
export interface Gathered {
  readonly writes: readonly Write[];
  readonly reads: Reads;
  readonly outgoing: readonly OutgoingEvent[];
}

/** How a unit of work keeps its inbox in the item that it writes. */
export interface ItemInbox {
  /** @throws AlreadyHandledError when the event was applied to the item before. */
  requireNew(item: Readonly<Record<string, unknown>>, event: PublishedEvent): void;
  /** Writes the unit's one item with the event's entry in it; see {@link inboxInItem}. */
  commit(context: UnitContext, gathered: Gathered): Promise<void>;
}

/**
 * For handlers that read one item and put it: the inbox entry and the outgoing events are kept in that item, so an event costs
 * one write unit where a transaction costs four. `consumer(service, handlers, { itemInbox: inboxInItem })`.
 *
 * Limits, all enforced: a handler puts the one item that it has read, or nothing; it makes no checkpoint, adds nothing and
 * deletes nothing; an item remembers at most {@link MOST_EVENTS} events at a time, each for the inbox's days.
 */
export const inboxInItem: ItemInbox = { requireNew, commit };

function requireNew(item: Readonly<Record<string, unknown>>, event: PublishedEvent): void {
  const entry = entriesOf(item).find(({ id }) => id === event.id);
  if (entry && entry.fingerprint !== event.ordered) throw new IdReusedError();
  if (entry) throw new AlreadyHandledError({ ...entry, published: false });
}

async function commit(context: UnitContext, gathered: Gathered): Promise<void> {
  const { clients, config } = context;
  const { event } = context.inbox;
  const { write, item } = onlyItem(gathered);
  const now = Date.now();
  const entry = {
    id: event.id,
    fingerprint: event.ordered ?? "",
    outgoing: gathered.outgoing,
    expiresAt: expiryOf(now, config.inboxDays),
  };
  const kept = entriesOf(item).filter(({ expiresAt }) => expiresAt > now / 1_000);
  if (kept.length >= MOST_EVENTS) {
    throw new PermanentError(
      `the item ${write.key.pk} remembers ${MOST_EVENTS} events already: this service needs inbox records, not inboxInItem`,
    );
  }
  const { Put: put } = toAction(config.table, { ...write, added: { ...write.added, [INBOX]: [...kept, entry] } });
  requireTime(context, "its work could be committed");
  try {
    await clients.dynamodb.send(new PutItemCommand({ ...put!, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // If the SDK retried a call whose answer was lost, the item has the event by now.
    if (error.Item) requireNew(unmarshall(error.Item), event);
    throw new StateConflictError("the item changed since it was read");
  }
}

/** The one write that this inbox allows, and the item as it was read. */
function onlyItem({ writes, reads }: Gathered) {
  const [write, more] = writes;
  if (more || write?.kind !== "put" || write.expected === "any" || write.unread) {
    throw new PermanentError("with inboxInItem a handler puts the one item it has read, and changes nothing else");
  }
  if (write.added && EXPIRES_AT in write.added) {
    throw new PermanentError(
      `the item ${write.key.pk} expires, and with it what it remembers: this service needs inbox records, not inboxInItem`,
    );
  }
  return { write, item: unmarshall(reads.known(write.key) ?? {}) };
}

function entriesOf(item: Readonly<Record<string, unknown>>): Entry[] {
  const entries: unknown = item[INBOX] ?? [];
  if (!Array.isArray(entries) || !entries.every(isEntry)) throw new Error(`the item's "${INBOX}" is not readable`);
  return entries;
}

function isEntry(entry: unknown): entry is Entry {
  if (typeof entry !== "object" || entry === null) return false;
  return "id" in entry && "fingerprint" in entry && "outgoing" in entry && "expiresAt" in entry;
}
