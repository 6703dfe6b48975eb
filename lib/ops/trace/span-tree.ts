import type { EntryEvent, Outcome } from "../tail/entry.ts";
import type { SpanEntry } from "./find-traces.ts";

/** What one service did with one event, with what followed from it. */
export interface Span {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** The span that published the event. */
  readonly parent: string;
  readonly service: string;
  /** Absent for an event that could not be read. */
  readonly event?: EntryEvent | undefined;
  /** How the last attempt ended; copies that came after a success do not count. */
  readonly outcome: Outcome;
  /** Attempts, without copies that came after a success. */
  readonly attempts: number;
  /** Deliveries of an event that had taken effect before. */
  readonly copies: number;
  /** When the first attempt began, and when the last one ended, in milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly children: readonly Span[];
}

/** The spans of a trace, as trees of what followed from what. A span whose parent is not among them is a root. */
export function spanTrees(entries: readonly SpanEntry[]): Span[] {
  const spans = [...Map.groupBy(entries, ({ trace }) => trace.span).values()].map(spanOf);
  const byParent = Map.groupBy(spans, ({ parent }) => parent);
  const known = new Set(spans.map(({ id }) => id));
  const withChildren = (span: Span): Span => ({ ...span, children: inOrder(byParent.get(span.id) ?? []).map(withChildren) });
  return inOrder(spans.filter(({ parent }) => !known.has(parent))).map(withChildren);
}

/** All spans of some trees, parents before children. */
export function flatten(trees: readonly Span[]): Span[] {
  return trees.flatMap((span) => [span, ...flatten(span.children)]);
}

function spanOf(entries: readonly SpanEntry[]): Span {
  const attempts = entries.filter(({ outcome }) => outcome !== "duplicate");
  // The attempt that committed may be out of reach, and only a copy of it left.
  const told = attempts.length > 0 ? attempts : entries;
  const { service, event, trace, outcome = "done" } = told.at(-1)!;
  return {
    id: trace.span,
    parent: trace.parent,
    service,
    event,
    outcome,
    attempts: attempts.length,
    copies: entries.length - attempts.length,
    start: Math.min(...told.map(({ time, milliseconds = 0 }) => time - milliseconds)),
    end: Math.max(...told.map(({ time }) => time)),
    children: [],
  };
}

function inOrder(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => a.start - b.start || a.service.localeCompare(b.service));
}
