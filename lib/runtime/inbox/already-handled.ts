import type { InboxEntry } from "./inbox-record.ts";

/** The event was handled before; the transaction changed nothing. Not for handlers to catch. */
export class AlreadyHandledError extends Error {
  override readonly name = "AlreadyHandledError";
  /** What the inbox says of the event. */
  readonly entry: Pick<InboxEntry, "outgoing" | "published" | "answer">;

  constructor(entry: Pick<InboxEntry, "outgoing" | "published" | "answer">) {
    super("the event has been handled already");
    this.entry = entry;
  }
}
