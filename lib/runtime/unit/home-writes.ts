import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { ItemKey } from "../../contracts/entity.ts";
import { StateConflictError } from "../errors.ts";
import type { InboxEntry } from "../inbox/inbox-record.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import type { Item } from "../table/read-items.ts";
import { entriesIn, entriesOnly, isLive, spilledUntil, withEntries } from "./home-item.ts";
import type { Reads } from "./reads.ts";
import { isAbsent } from "./stored-item.ts";
import { addedItem, putItem, type ReadVersion, unreadError, versionAfter, versionCondition, type Write } from "./writes.ts";

/** Inbox entries as they are stored. */
type Entries = readonly (Readonly<Record<string, unknown>> & Pick<InboxEntry, "expiresAt">)[];

/** What an item becomes that is the home of events. */
export interface HomeChange {
  readonly key: ItemKey;
  /** The item as it was read. */
  readonly before: Item | undefined;
  readonly expected: ReadVersion;
  /** The unit's write of it. */
  readonly write: Write | undefined;
  readonly entries: Entries;
  /** Until when older entries are kept as records, in seconds since 1970. */
  readonly spilled: number;
}

/**
 * A home after the unit's write of it, with its entries. Without data it stays as an item that only has entries; undefined when it has
 * none either.
 *
 * @throws PermanentError for a put over an item that the handler has not read; StateConflictError for an addition that cannot be made.
 */
export function homeAfter({ key, before, expected, write, entries, spilled }: HomeChange): Item | undefined {
  const version = versionAfter(expected);
  const item = dataAfter(before && !isAbsent(unmarshall(before)) ? before : undefined, write);
  if (!item && entries.length === 0 && spilled === 0) return undefined;
  const expiresAt = Math.max(spilled, ...entries.map((entry) => entry.expiresAt));
  return withEntries(
    item ? { ...item, version: { N: String(version) } } : entriesOnly(key, version, expiresAt),
    entries,
    spilled,
  );
}

/** The action that leaves an item as {@link homeAfter} says. */
export function replacement(table: string, key: ItemKey, item: Item | undefined, expected: ReadVersion): TransactWriteItem {
  const condition = versionCondition(expected);
  if (!item) return { Delete: { TableName: table, Key: marshall(key), ...condition } };
  return { Put: { TableName: table, Item: item, ...condition } };
}

/** About what a home has besides its entries, after the unit's write of it. */
export function dataOf(before: Item | undefined, write: Write | undefined): object {
  if (write?.kind === "put") return write.data;
  return before && write?.kind !== "delete" ? withEntries(before, [], 0) : {};
}

function dataAfter(before: Item | undefined, write: Write | undefined): Item | undefined {
  switch (write?.kind) {
    case undefined:
      return before;
    case "delete":
      if (before && write.unread) throw unreadError(write.key);
      return undefined;
    case "put":
      if (before && write.unread) throw unreadError(write.key);
      return putItem(write);
    case "add": {
      const after = addedItem(before, write);
      if (Number(after?.[write.attribute]?.N) >= write.atLeast) return after;
      throw new StateConflictError(`the number "${write.attribute}" is too small to be added to`);
    }
  }
}

/** An item that may be the home of other events after a write: their entries stay. Undefined when nothing is left of it. */
export async function keepEntries(reads: Reads, write: Exclude<Write, { kind: "add" }>): Promise<Item | undefined> {
  const before = await reads.one(write.key);
  const entries = entriesIn(before).filter(isLive);
  const stored = entries.map((entry) => ({ ...entry.stored, expiresAt: entry.expiresAt }));
  const expected = reads.versionOf(write.key) ?? 0;
  return homeAfter({ key: write.key, before, expected, write, entries: stored, spilled: spilledUntil(before) });
}
