/** How long a copy is recognized: AWSSimpleQueueService, "Exactly-once processing". */
export const WINDOW_MILLISECONDS = 5 * 60 * 1_000;

/** A message that was taken, and whose copies are not. */
export interface Original {
  readonly messageId: string;
  readonly order: number;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** Remembers by their deduplication ids what was sent within the last five minutes. */
export class Deduplication {
  /** Those sent since the last turn, and those sent before it: turns are a window apart, so that older ones are forgotten by the heap. */
  #recent = new Map<string, Original>();
  #earlier = new Map<string, Original>();
  #turnedAt = -Infinity;

  /** The message that one with this key would be a copy of. */
  original(key: string, now: number): Original | undefined {
    const original = this.#recent.get(key) ?? this.#earlier.get(key);
    return original !== undefined && original.sentAt > now - WINDOW_MILLISECONDS ? original : undefined;
  }

  remember(key: string, original: Original): void {
    if (original.sentAt >= this.#turnedAt + WINDOW_MILLISECONDS) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
      this.#turnedAt = original.sentAt;
    }
    this.#recent.set(key, original);
  }

  clear(): void {
    this.#recent.clear();
    this.#earlier.clear();
  }
}
