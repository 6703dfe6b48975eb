import type { ItemKey } from "../../contracts/entity.ts";
import { EXPIRES_AT, INBOX, INBOX_ONLY, SPILLED_UNTIL } from "../../contracts/item-attributes.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import { entryOf, type InboxEntry, isOf, unreadable } from "../inbox/inbox-record.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import type { Item } from "../table/read-items.ts";

/*
 * An item that is the home of events has their inbox entries in a list: what an inbox record has, and the event's id. An item that only
 * has entries is absent for handlers, and goes by TTL with its last entry.
 */

/** An event's entry in its home, and its place in the list. */
export interface HomeEntry extends InboxEntry {
  readonly id: string;
  readonly index: number;
  /** The entry as it is stored. */
  readonly stored: Readonly<Record<string, unknown>>;
}

/** The entries that an item has. @throws NewerItemError when they are not readable */
export function entriesIn(item: Item | undefined): HomeEntry[] {
  const { [INBOX]: entries = [] } = item ? unmarshall({ [INBOX]: item[INBOX] ?? { L: [] } }) : {};
  if (!Array.isArray(entries)) throw unreadable(`the item's "${INBOX}" is not a list`);
  return entries.map((stored: Readonly<Record<string, unknown>>, index) => {
    const { id } = stored;
    if (typeof id !== "string") throw unreadable(`an entry of the item's "${INBOX}" has no id`);
    return { ...entryOf(stored), id, index, stored };
  });
}

/** The entry of an event's source and id; one of the last release, which names no source, only if it is of the event. */
export function entryFor(entries: readonly HomeEntry[], event: PublishedEvent): HomeEntry | undefined {
  const named = entries.filter(({ id }) => id === event.id);
  return (
    named.find(({ source }) => source === event.source) ??
    named.find((entry) => entry.source === undefined && isOf(entry, event))
  );
}

/** Whether an entry is still to be kept. */
export function isLive({ expiresAt }: Pick<InboxEntry, "expiresAt">): boolean {
  return expiresAt > Date.now() / 1_000;
}

/** Until when entries of the item are to be looked for among the inbox records too, in seconds since 1970; 0 when there are none. */
export function spilledUntil(item: Item | undefined): number {
  const until = Number(item?.[SPILLED_UNTIL]?.N ?? 0);
  return isLive({ expiresAt: until }) ? until : 0;
}

/** The item with these entries. @param spilled see {@link spilledUntil} */
export function withEntries(item: Item, entries: readonly object[], spilled: number): Item {
  const { [SPILLED_UNTIL]: _, [INBOX]: __, ...data } = item;
  return {
    ...data,
    ...marshall({ ...(entries.length > 0 && { [INBOX]: entries }), ...(spilled > 0 && { [SPILLED_UNTIL]: spilled }) }),
  };
}

/** An item that has nothing but entries. @param expiresAt when the last of them is over, in seconds since 1970 */
export function entriesOnly(key: ItemKey, version: number, expiresAt: number): Item {
  return marshall({ ...key, version, [INBOX_ONLY]: true, [EXPIRES_AT]: expiresAt });
}
