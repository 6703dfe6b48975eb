import { StateConflictError } from "../errors.ts";
import type { InboxContext } from "../inbox/inbox.ts";
import { inboxKey } from "../inbox/inbox-record.ts";
import { marshall } from "../table/attribute-values.ts";
import type { GuardedAction } from "../table/commit.ts";
import type { HomeEntry } from "./home-item.ts";

/** Most entries of a home; older ones become records. Each makes every later write of the item larger. */
const MOST_ENTRIES = 50;

/** Most bytes of them, with what the events have emitted: an item has at most 400 KB. amazondynamodb, "Service, account, and table quotas" */
const MOST_BYTES = 64 * 1024;

/** Entries that stay when there are too many. */
const KEPT_ENTRIES = 25;

/**
 * Which entries of a home stay in it, and which become records: the older ones, when there are too many or they are too large.
 *
 * @param entries the oldest first
 * @param next the one that is added to them
 * @param limits.staying ids of those that have to stay
 * @param limits.most as many as the transaction has room for
 */
export function divide(
  entries: readonly HomeEntry[],
  next: object | undefined,
  { staying, most }: { readonly staying: ReadonlySet<string>; readonly most: number },
): { readonly kept: readonly HomeEntry[]; readonly spilling: readonly HomeEntry[] } {
  let room = MOST_BYTES - (next ? bytesOf(next) : 0);
  const bytes = entries.reduce((sum, { stored }) => sum + bytesOf(stored), 0);
  if (entries.length < MOST_ENTRIES && bytes <= room) return { kept: entries, spilling: [] };
  let left = 0;
  const spilling = new Map<string, HomeEntry>();
  for (const entry of entries.toReversed()) {
    room -= bytesOf(entry.stored);
    const fits = left < KEPT_ENTRIES && room >= 0;
    // A transaction writes a record once: of two sources' events with one id, one stays.
    if (fits || staying.has(entry.id) || spilling.has(entry.id)) left++;
    else spilling.set(entry.id, entry);
  }
  const moved = new Set([...spilling.values()].toReversed().slice(0, Math.max(0, most)));
  return { kept: entries.filter((entry) => !moved.has(entry)), spilling: [...moved] };
}

/**
 * The action that makes a record of an entry; there may be one already, from when the service moved to homes.
 *
 * @param onTaken is called when the record is an event's of another source
 */
export function toRecord(
  { service, table }: InboxContext["config"],
  { id, stored }: HomeEntry,
  onTaken: () => void,
): GuardedAction {
  const put = {
    TableName: table,
    Item: marshall({ ...stored, ...inboxKey(service, id) }),
    ConditionExpression: "attribute_not_exists(pk) OR #source = :source",
    ExpressionAttributeNames: { "#source": "source" },
    ExpressionAttributeValues: marshall({ ":source": stored["source"] ?? "" }),
  };
  const refused = () => {
    onTaken();
    return new StateConflictError("an event of another source has the record");
  };
  return { action: { Put: put }, refused };
}

function bytesOf(entry: object): number {
  return Buffer.byteLength(JSON.stringify(entry));
}
