import type { Receipt } from "./message.ts";

/** How long a copy is recognised: sns/latest/dg/fifo-message-dedup. */
const WINDOW_MILLISECONDS = 5 * 60 * 1_000;

/** What a FIFO topic has taken within the last five minutes; a copy gets the receipt of the message that it repeats. */
export class Deduplication {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #taken = new Map<string, { readonly receipt: Receipt; readonly at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The receipt of the message that this one repeats; otherwise the one given is remembered. */
  repeats(key: string, receipt: Receipt): Receipt | undefined {
    const now = this.#now();
    for (const [known, { at }] of this.#taken) {
      if (at > now - WINDOW_MILLISECONDS) break;
      this.#taken.delete(known);
    }
    const earlier = this.#taken.get(key);
    if (earlier === undefined) this.#taken.set(key, { receipt, at: now });
    return earlier?.receipt;
  }
}
