import type { Entry } from "./entry.ts";

/** Which of a stage's entries to show; an absent field does not filter. */
export interface EntryFilter {
  readonly service?: string | undefined;
  /** An event's id, subject or correlation id. */
  readonly event?: string | undefined;
  /** Only what went wrong: dead, retried, failed, or logged as a warning or an error. */
  readonly errors?: boolean | undefined;
}

/** Whether an entry meets all conditions. */
export function matches(filter: EntryFilter, entry: Entry): boolean {
  const { service, event, errors } = filter;
  if (service !== undefined && entry.service !== service) return false;
  if (event !== undefined && !isAbout(event, entry)) return false;
  return !errors || entry.level === "warn" || entry.level === "error" || entry.outcome === "retry" || entry.outcome === "dead";
}

/** Whether an entry is about an event of this id, correlation id or subject. */
export function isAbout(sought: string, { event }: Entry): boolean {
  return event !== undefined && [event.id, event.correlationid, event.subject].includes(sought);
}
