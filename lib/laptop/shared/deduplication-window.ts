/** How long a copy is recognised: AWSSimpleQueueService, "Exactly-once processing"; sns/latest/dg/fifo-message-dedup. */
const WINDOW_MILLISECONDS = 5 * 60 * 1_000;

/** Remembers deduplication ids for five minutes. */
export class DeduplicationWindow {
  /** When each key was seen first, oldest first. */
  readonly #seen = new Map<string, number>();

  /** Whether a key has been seen within the last five minutes; if not, it counts as seen from now on. */
  isCopy(...key: readonly string[]): boolean {
    const now = Date.now();
    for (const [known, at] of this.#seen) {
      if (at > now - WINDOW_MILLISECONDS) break;
      this.#seen.delete(known);
    }
    const joined = JSON.stringify(key);
    if (this.#seen.has(joined)) return true;
    this.#seen.set(joined, now);
    return false;
  }
}
