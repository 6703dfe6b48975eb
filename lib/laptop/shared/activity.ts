/** Something that happened, for `tail` and for the page. */
export type Activity =
  | {
      readonly kind: "log";
      readonly time: number;
      readonly function: string;
      readonly requestId?: string;
      readonly line: string;
    }
  | {
      readonly kind: "invocation";
      readonly time: number;
      readonly function: string;
      readonly requestId: string;
      readonly records: number;
      readonly durationMilliseconds: number;
      readonly outcome: "ok" | "handled" | "timeout" | "exit" | "out of memory" | "init" | "throttled";
      /** One line, where the outcome is not ok. */
      readonly error?: string;
    }
  | {
      readonly kind: "publish";
      readonly time: number;
      readonly topic: string;
      readonly type?: string;
      readonly bytes: number;
    }
  /** A code swap, a refused call, a resource that does not run here: one line for a person. */
  | { readonly kind: "notice"; readonly time: number; readonly line: string };

/** As many as a person scrolls back; the ring is bounded so that a long run does not grow. */
const REMEMBERED = 1_000;

/** What happened lately, and a way to be told what happens next. */
export class ActivityLog {
  readonly #ring: Activity[] = [];
  readonly #listeners = new Set<(activity: Activity) => void>();

  readonly record = (activity: Activity): void => {
    this.#ring.push(activity);
    if (this.#ring.length >= 2 * REMEMBERED) this.#ring.splice(0, REMEMBERED);
    for (const listener of this.#listeners) listener(activity);
  };

  /** One line for a person. */
  notice(line: string): void {
    this.record({ kind: "notice", time: Date.now(), line });
  }

  /** The last 1,000 activities at the most, oldest first; with `since` (epoch milliseconds) only those after it. */
  recent(since = 0): Activity[] {
    return this.#ring.slice(-REMEMBERED).filter((activity) => activity.time > since);
  }

  /** Calls the listener with everything that happens from now on; what it hands back ends that. */
  subscribe(listener: (activity: Activity) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
