import { columns } from "../bin/terminal/columns.ts";
import type { Row } from "./measurement.ts";

/** A row, or the failure of a measurement. */
export type TableRow = Row | { readonly what: string; readonly failure: string };

const HEAD = ["what", "measured", "reach", "verdict", "compared with, in the same run"];

/** Characters of each column at the most; what is longer goes on in the next line. */
const WIDTHS = [30, 21, 22, 7, 70];

/** Characters of a failure's message that the table shows; all of it goes to standard error. */
const MESSAGE_LENGTH = 300;

/** The row of a measurement that could not be made. */
export function failedRow(what: string, error: unknown): TableRow {
  return { what, failure: (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LENGTH) };
}

/** The rows as a table for the terminal. */
export function tableOf(rows: readonly TableRow[]): string {
  const rule = WIDTHS.map((width) => "─".repeat(width));
  const lines = rows.flatMap((row) => [rule, ...linesOf(cellsOf(row))]);
  return columns([...linesOf(HEAD), ...lines, rule]).join("\n");
}

function cellsOf(row: TableRow): string[] {
  if ("failure" in row) return [row.what, "not measured", "", "FAILED", row.failure];
  return [row.what, row.measured, row.reach, row.reached ? "reached" : "MISSED", row.comparison];
}

/** A row as lines, each cell wrapped to its column. */
function linesOf(cells: readonly string[]): string[][] {
  const wrapped = cells.map((cell, index) => wrap(cell, WIDTHS[index]!));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => wrapped.map((cell) => cell[line] ?? ""));
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
