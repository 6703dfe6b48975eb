import { stripVTControlCharacters } from "node:util";

/** A table's cell: text is left-aligned, numbers are right-aligned with thousands separators. */
export type Cell = string | number;

/** Rows as lines of aligned columns, two spaces apart. Colours do not count towards the width. */
export function columns(rows: readonly (readonly Cell[])[]): string[] {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-US") : cell)));
  const widths: number[] = [];
  for (const row of texts) for (const [index, text] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(text));
  const right = widths.map((_, index) => rows.some((row) => typeof row[index] === "number"));
  return texts.map((row) =>
    row
      .map((text, index) => {
        const space = " ".repeat(widths[index]! - width(text));
        return right[index] ? space + text : text + space;
      })
      .join("  ")
      .trimEnd(),
  );
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
