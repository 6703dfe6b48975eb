import type { Entry } from "./entry.ts";

/** What a reader wants to see of a stage's entries; what is left out is no condition. */
export interface EntryFilter {
  readonly service?: string | undefined;
  /** An event's id or subject, or the correlation id of its whole story. */
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

function isAbout(sought: string, { event }: Entry): boolean {
  return event !== undefined && [event.id, event.correlationid, event.subject].includes(sought);
}
