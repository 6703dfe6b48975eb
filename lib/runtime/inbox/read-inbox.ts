import type { ServiceConfig } from "../lambda/config.ts";
import { unmarshall } from "../table/attribute-values.ts";
import { readItem, type TableContext } from "../table/read-items.ts";
import type { EventIdentity } from "./identity.ts";
import { entryOf, type InboxEntry, inboxKey, otherInboxKey } from "./inbox-record.ts";

/** What an inbox is read with. */
export interface InboxPlace extends TableContext {
  readonly config: Pick<ServiceConfig, "service" | "table">;
}

/** The inbox's records under an event's id. */
export interface FoundEntries {
  /** What it has of the event. */
  readonly own?: InboxEntry | undefined;
  /** What it has of an event of another source with the same id, which came first. */
  readonly other?: InboxEntry;
}

/** Reads what the inbox has of an event: one consistent read, and another one if another source has used the event's id. */
export async function readInbox(place: InboxPlace, event: EventIdentity): Promise<FoundEntries> {
  const { service } = place.config;
  const first = await read(inboxKey(service, event.id));
  if (!first || !isOfOther(first, event)) return { own: first };
  return { own: await read(otherInboxKey(service, event)), other: first };

  async function read(key: Parameters<typeof readItem>[1]): Promise<InboxEntry | undefined> {
    const item = await readItem(place, key);
    return item && entryOf(unmarshall(item));
  }
}

/** Whether a record is of an event of another source. */
export function isOfOther({ source }: InboxEntry, event: EventIdentity): boolean {
  return source !== undefined && source !== event.source;
}
