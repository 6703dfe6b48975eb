/** How long a service goes on trying an event of one type. */
export interface RetryPolicy {
  /** Attempts that may fail by the handler's own errors; with the last one the event is dead. 1 to 100. @default 10 */
  readonly tries?: number;
  /**
   * Hours, from the first receive on, in which attempts may fail because something else is unavailable: throttling, timeouts,
   * unreachable dependencies, and RetryLaterError. Above 0, at most 96. @default 24
   */
  readonly ageHours?: number;
}

/** What holds for an event type that the service says nothing about. docs/decisions/receives-and-inbox-window.md */
export const DEFAULT_RETRIES: Required<RetryPolicy> = { tries: 10, ageHours: 24 };
