import { StateConflictError } from "../errors.ts";
import type { InboxContext } from "../inbox/inbox.ts";
import { inboxKey } from "../inbox/inbox-record.ts";
import { marshall } from "../table/attribute-values.ts";
import type { GuardedAction } from "../table/commit.ts";
import type { HomeEntry } from "./home-item.ts";

/** Most entries of a home; older ones become records. Each makes every later write of the item larger. */
const MOST_ENTRIES = 50;

/** Most bytes of them, with what the events have emitted. */
const MOST_BYTES = 64 * 1024;

/** Most bytes of an item (amazondynamodb, "Service, account, and table quotas"), and what is left of them for its keys and what the runtime adds to it. */
const ITEM_BYTES = { most: 400 * 1024, reserve: 16 * 1024 };

/** Entries that stay when there are too many. */
const KEPT_ENTRIES = 25;

/**
 * Which entries of a home stay in it, and which become records: the older ones, when there are too many or they are too large.
 *
 * @param entries the oldest first
 * @param next the one that is added to them
 * @param limits.staying ids of those that have to stay
 * @param limits.most as many as the transaction has room for
 * @param limits.data what the item has besides
 */
export function divide(
  entries: readonly HomeEntry[],
  next: object | undefined,
  { staying, most, data }: { readonly staying: ReadonlySet<string>; readonly most: number; readonly data: object },
): { readonly kept: readonly HomeEntry[]; readonly spilling: readonly HomeEntry[] } {
  const left = ITEM_BYTES.most - ITEM_BYTES.reserve - bytesOf(data);
  let room = Math.min(MOST_BYTES, left) - (next ? bytesOf(next) : 0);
  const bytes = entries.reduce((sum, { stored }) => sum + bytesOf(stored), 0);
  if (entries.length < MOST_ENTRIES && bytes <= room) return { kept: entries, spilling: [] };
  let count = 0;
  const spilling = new Map<string, HomeEntry>();
  for (const entry of entries.toReversed()) {
    room -= bytesOf(entry.stored);
    const fits = count < KEPT_ENTRIES && room >= 0;
    // A transaction writes a record once: of two sources' events with one id, one stays.
    if (fits || staying.has(entry.id) || spilling.has(entry.id)) count++;
    else spilling.set(entry.id, entry);
  }
  const moved = new Set([...spilling.values()].toReversed().slice(0, Math.max(0, most)));
  return { kept: entries.filter((entry) => !moved.has(entry)), spilling: [...moved] };
}

/**
 * The action that makes a record of an entry; there may be one already, from when the service moved to homes. Code that knows no homes may
 * have got further there.
 *
 * @param options.isListed whether such code may read it: it knows no packed events
 * @param options.onTaken is called when the record is an event's of another source, or says more than the entry
 */
export function toRecord(
  { service, table }: InboxContext["config"],
  { id, stored, checkpoints, outgoing }: HomeEntry,
  { isListed, onTaken }: { readonly isListed: boolean; readonly onTaken: () => void },
): GuardedAction {
  const isOpen = checkpoints !== undefined;
  const put = {
    TableName: table,
    Item: marshall({ ...stored, ...(isListed && { outgoing }), ...inboxKey(service, id) }),
    ConditionExpression: `attribute_not_exists(pk) OR (#source = :source${isOpen ? " AND checkpoints <= :checkpoints" : ""})`,
    ExpressionAttributeNames: { "#source": "source" },
    ExpressionAttributeValues: marshall({ ":source": stored["source"] ?? "", ...(isOpen && { ":checkpoints": checkpoints }) }),
  };
  const refused = () => {
    onTaken();
    return new StateConflictError("an entry cannot be moved to the inbox record of its id");
  };
  return { action: { Put: put }, refused };
}

function bytesOf(entry: object): number {
  return Buffer.byteLength(JSON.stringify(entry));
}
