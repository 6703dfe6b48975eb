import Table from "cli-table3";
import type { Row } from "./measurement.ts";

/** A row, or the failure of a measurement. */
export type TableRow = Row | { readonly what: string; readonly failure: string };

const COLUMNS = [
  { title: "what", width: 30 },
  { title: "measured", width: 20 },
  { title: "reach", width: 18 },
  { title: "verdict", width: 9 },
  { title: "compared with, in the same run", width: 66 },
];

/** The row of a measurement that could not be made. */
export function failedRow(what: string, error: unknown): TableRow {
  return { what, failure: error instanceof Error ? error.message : String(error) };
}

/** The rows as a table for the terminal. */
export function tableOf(rows: readonly TableRow[]): string {
  const table = new Table({
    head: COLUMNS.map(({ title }) => title),
    colWidths: COLUMNS.map(({ width }) => width),
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    if ("failure" in row) table.push([row.what, "not measured", "", "FAILED", row.failure]);
    else table.push([row.what, row.measured, row.reach, row.reached ? "reached" : "MISSED", row.comparison]);
  }
  return table.toString();
}
