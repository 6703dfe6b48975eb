import type { InboxHome } from "../../contracts/inbox-home.ts";
import type { PublishedEvent } from "../inbox/identity.ts";
import type { InboxPlace } from "../inbox/read-inbox.ts";
import { readItem } from "../table/read-items.ts";
import { entriesIn, entryFor } from "./home-item.ts";
import { homeKey } from "./home-key.ts";

/** Whether an event's home says that it has been handled. Entries that were moved from there are inbox records. */
export async function isHandledAtHome(place: InboxPlace, home: InboxHome, event: PublishedEvent): Promise<boolean> {
  if (!event.header) return false;
  const entry = entryFor(entriesIn(await readItem(place, homeKey(home, event.header))), event);
  return entry !== undefined && entry.checkpoints === undefined;
}
