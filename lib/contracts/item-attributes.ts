/** The attribute with the item's schema version; an item without it has version 1. */
export const SCHEMA_VERSION = "schemaVersion";

/** The table's TTL attribute: seconds since 1970. amazondynamodb, "Using time to live (TTL) in DynamoDB" */
export const EXPIRES_AT = "expiresAt";

/** The events that an item is the home of: what the inbox remembers of them. */
export const INBOX = "inbox";

/** Marks an item that only holds events: for handlers it does not exist. */
export const INBOX_ONLY = "inboxOnly";

/** Until when older events of an item are kept as inbox records: seconds since 1970. */
export const SPILLED_UNTIL = "inboxSpilledUntil";

/** The attributes that the runtime keeps in every item, besides the keys of its indexes. */
const OWN = new Set(["pk", "sk", "version", INBOX, INBOX_ONLY, SPILLED_UNTIL, EXPIRES_AT, SCHEMA_VERSION]);

/** In an inbox record: whether the relay is to publish what the record carries. Absent from records of consumed events. */
export const FOR_RELAY = "forRelay";

/** The kind of the inbox records: what their partition keys begin with, before a `#`. */
export const INBOX_KIND = "inbox";

/** What the names of index keys begin with, so that they meet no attribute of an entity. */
const INDEX_PREFIX = "index#";

/**
 * The attributes that are the partition key and the sort key.
 *
 * @param index undefined for the table itself
 */
export function keyAttributes(index: string | undefined): { readonly partition: string; readonly sort: string } {
  if (index === undefined) return { partition: "pk", sort: "sk" };
  return { partition: `${INDEX_PREFIX}${index}#pk`, sort: `${INDEX_PREFIX}${index}#sk` };
}

/** Whether the runtime keeps an attribute of this name for itself: no entity's data may have it. */
export function isReserved(attribute: string): boolean {
  return OWN.has(attribute) || attribute.startsWith(INDEX_PREFIX);
}

/** The kinds of items that the runtime keeps in a service's table beside the service's entities. */
export const RUNTIME_KINDS: readonly string[] = [INBOX_KIND, "effect", "handling"];
