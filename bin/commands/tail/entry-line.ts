import type { Entry, Outcome } from "#lib/ops/tail/entry.ts";
import { printable } from "#lib/ops/printable.ts";
import { type Paint } from "../../terminal/paint.ts";

const SIGNS: Readonly<Record<Outcome, string>> = { done: "✓", duplicate: "=", retry: "↻", dead: "✗" };

const STYLES = { debug: "dim", info: "green", warn: "yellow", error: "red" } as const;

/** Column widths that fit most services, types and subjects. */
const SERVICE = 13;
const TYPE = 19;
const SUBJECT = 12;

/** An entry as one line: time, service, sign, and for a record its type, subject, attempt, duration and reason. */
export function entryLine(entry: Entry, paint: Paint): string {
  const { kind, level, service, time } = entry;
  const text = kind === "record" ? record(entry) : message(entry);
  return [
    paint("dim", clock(time)),
    printable(service).padEnd(SERVICE),
    paint(kind === "publish" || kind === "notice" ? "cyan" : STYLES[level], sign(entry)),
    printable(text).trimEnd(),
  ].join(" ");
}

function sign({ kind, level, outcome }: Entry): string {
  if (outcome !== undefined) return SIGNS[outcome];
  if (kind === "publish") return "→";
  return level === "error" ? "✗" : level === "warn" ? "!" : "·";
}

function record({ event, attempt, milliseconds, reason, message }: Entry): string {
  // A record that could not be parsed has no event to name.
  const about = event
    ? `${event.type.padEnd(TYPE)} ${(event.subject ?? "").padEnd(SUBJECT)}`
    : message.padEnd(TYPE + 1 + SUBJECT);
  const duration = milliseconds === undefined ? "" : `${milliseconds.toLocaleString("en-US")} ms`;
  return `${about} #${attempt ?? "?"} ${duration.padStart(8)}  ${reason ?? ""}`;
}

function message({ message, reason }: Entry): string {
  return reason === undefined ? message : `${message}: ${reason}`;
}

/** Local time of day, to the millisecond. */
function clock(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
