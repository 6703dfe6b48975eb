import { type DeadLetter, parsedBody, reasonLine } from "#lib/ops/dead-letters/letter.ts";
import { printable, printableJson } from "#lib/ops/printable.ts";
import { columns } from "../../terminal/columns.ts";
import { type Paint } from "../../terminal/paint.ts";
import { age } from "./wording.ts";

export interface LetterPageOptions {
  readonly paint: Paint;
  /** Receives after which SQS moves a message of the service's queue. */
  readonly maxReceives?: number | undefined;
  /** With the error's stack. */
  readonly stack?: boolean | undefined;
}

/** A letter with everything known about it, as lines for the terminal. */
export function letterPage(letter: DeadLetter, options: LetterPageOptions): string[] {
  const { paint, stack } = options;
  const { event, reason } = letter;
  const errorStack = stack && reason?.errorStack ? ["", ...shown(reason.errorStack).map((line) => paint("dim", line))] : [];
  return [
    paint("bold", printable(`${event.type ?? "no event"}  ${event.subject ?? ""}`).trimEnd()),
    ...columns(facts(letter, options).map(([name, text]) => [`  ${paint("dim", name)}`, printable(text)])),
    ...errorStack,
    "",
    ...payload(letter),
  ];
}

function facts(letter: DeadLetter, { maxReceives }: LetterPageOptions): [name: string, text: string][] {
  const { event, reason, messageId, queue, sentAt, redrives, editedAt } = letter;
  const facts: [string, string | undefined][] = [
    ["reason", reason ? `${reason.errorName}: ${reason.errorMessage ?? ""}` : why(letter, maxReceives)],
    ["attempts", reason && attempts(reason)],
    ["consumer", reason?.consumer && `${reason.consumer}, version ${reason.consumerVersion ?? "unknown"}`],
    ["sent back", redrives === 0 ? undefined : redrives === 1 ? "once before" : `${redrives} times before`],
    ["edited", editedAt],
    ["event id", event.id],
    ["correlation id", event.correlationid],
    ["caused by", event.causationid],
    ["published", event.source && `${event.time ?? ""} by ${event.source}`],
    ["message id", messageId],
    ["first message id", reason?.originalMessageId],
    ["queue", sentAt === undefined ? queue : `${queue}, sent ${age(Date.now() - sentAt)} ago`],
  ];
  return facts.flatMap(([name, text]) => (text === undefined || text === "" ? [] : [[name, text]]));
}

function attempts({ attempts = "?", firstReceivedAt, deadAt }: NonNullable<DeadLetter["reason"]>): string {
  return `${attempts}${firstReceivedAt ? `, the first at ${firstReceivedAt}` : ""}${deadAt ? `, given up at ${deadAt}` : ""}`;
}

function why(letter: DeadLetter, maxReceives: number | undefined): string {
  if (letter.of === "delivery") return `${reasonLine(letter)}: see docs/runbook.md#undelivered`;
  const after = maxReceives === undefined ? "" : ` after ${maxReceives} receives`;
  return `moved by SQS${after}: no reason was recorded, see the logs`;
}

/** The event's data, or the whole body if it has none. */
function payload(letter: DeadLetter): string[] {
  const body = parsedBody(letter);
  const data = typeof body === "object" && body !== null && "data" in body ? body.data : undefined;
  try {
    if (data !== undefined) return shown(printableJson(data, 2));
    return shown(body === undefined ? letter.body : printableJson(body, 2));
  } catch {
    // Nested too deeply to print indented.
    return shown(letter.body);
  }
}

function shown(text: string): string[] {
  return text.split(/\r?\n/).map((line) => `  ${printable(line)}`);
}
