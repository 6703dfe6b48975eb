import type { Entry, EntrySpan } from "../tail/entry.ts";
import { isAbout } from "../tail/entry-filter.ts";

/** The entries whose log lines contain a text, or more. */
export type SearchEntries = (text: string) => Promise<readonly Entry[]>;

/** A record's entry whose span is known. */
export type SpanEntry = Entry & { readonly trace: EntrySpan };

const TRACE_ID = /^[0-9a-f]{32}$/;

/**
 * Finds the traces of an order: what was handled, trace by trace, the oldest first.
 *
 * @param sought a trace's id, or the id, correlation id or subject of one of its events
 */
export async function findTraces(sought: string, search: SearchEntries): Promise<SpanEntry[][]> {
  const named = TRACE_ID.test(sought) ? [sought] : (await search(sought)).flatMap((entry) => traceOf(sought, entry));
  const traces = await Promise.all([...new Set(named)].map(async (id) => entriesOf(id, await search(id))));
  return traces.filter((entries) => entries.length > 0).sort(([a], [b]) => (a?.time ?? 0) - (b?.time ?? 0));
}

function traceOf(sought: string, entry: Entry): string[] {
  return entry.trace && isAbout(sought, entry) ? [entry.trace.id] : [];
}

function entriesOf(id: string, entries: readonly Entry[]): SpanEntry[] {
  return entries.filter((entry): entry is SpanEntry => entry.trace?.id === id).sort((a, b) => a.time - b.time);
}
