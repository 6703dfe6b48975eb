import type { MissingResource } from "#lib/laptop/index.ts";
import { printable } from "#lib/ops/printable.ts";
import { columns } from "../../terminal/columns.ts";

/** Logical ids listed per row; further ones are counted. */
const SHOWN = 5;

/** A table of what in the templates does not run here, with a row per type and consequence. Empty if everything runs. */
export function missingTable(missing: readonly MissingResource[]): string[] {
  if (missing.length === 0) return [];
  const rows = [...Map.groupBy(missing, ({ stack, type, consequence }) => [stack, type, consequence].join("\n")).values()];
  const several = new Set(missing.map(({ stack }) => stack)).size > 1;
  const lines = rows.flatMap((row) => {
    const [first] = row;
    return first ? [[...(several ? [first.stack] : []), first.type, first.consequence, names(row)].map(printable)] : [];
  });
  const heading = [...(several ? ["stack"] : []), "type", "what will be missing", "logical id"];
  return columns([heading, ...lines]);
}

function names(row: readonly MissingResource[]): string {
  const ids = [...new Set(row.map(({ logicalId }) => logicalId))];
  const more = ids.length - SHOWN;
  return more > 0 ? `${ids.slice(0, SHOWN).join(", ")} and ${more} more` : ids.join(", ");
}
