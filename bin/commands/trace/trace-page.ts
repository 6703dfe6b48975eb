import { printable } from "#lib/ops/printable.ts";
import { flatten, type Span } from "#lib/ops/trace/span-tree.ts";
import { type Cell, columns } from "../../terminal/columns.ts";
import type { Paint } from "../../terminal/paint.ts";

const SIGNS = { done: ["green", "✓"], duplicate: ["green", "="], retry: ["yellow", "↻"], dead: ["red", "✗"] } as const;

/** A trace as lines: a tree of services and events, with when each began after the first, and how long it took. */
export function tracePage(id: string, trees: readonly Span[], paint: Paint): string[] {
  const spans = flatten(trees);
  const first = Math.min(...spans.map(({ start }) => start));
  const last = Math.max(...spans.map(({ end }) => end));
  const services = new Set(spans.map(({ service }) => service)).size;
  const title = `trace ${printable(id)}: ${spans.length} handlings by ${services} services in ${milliseconds(last - first)}`;
  return [paint("bold", title), ...columns(rows(trees, { first, paint, indent: "" }))];
}

interface Drawing {
  /** When the trace begins, in milliseconds since the epoch. */
  readonly first: number;
  readonly paint: Paint;
  /** What stands before the branches of this depth. */
  readonly indent: string;
}

function rows(spans: readonly Span[], { first, paint, indent }: Drawing): Cell[][] {
  return spans.flatMap((span, index) => {
    const isLast = index === spans.length - 1;
    const branch = `${indent}${isLast ? "└─ " : "├─ "}`;
    const [style, sign] = SIGNS[span.outcome];
    return [
      [
        `${paint("dim", branch)}${printable(span.service)}`,
        printable(span.event?.type ?? "an event that cannot be read"),
        `+${milliseconds(span.start - first)}`,
        milliseconds(span.end - span.start),
        `${paint(style, sign)}${remarks(span)}`,
      ],
      ...rows(span.children, { first, paint, indent: `${indent}${isLast ? "   " : "│  "}` }),
    ];
  });
}

function remarks({ attempts, copies }: Span): string {
  const again = attempts > 1 ? `  ${attempts} attempts` : "";
  return copies > 0 ? `${again}  ${copies} ${copies === 1 ? "copy" : "copies"}` : again;
}

function milliseconds(time: number): string {
  return `${time.toLocaleString("en-US")} ms`;
}
