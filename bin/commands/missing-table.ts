import type { MissingResource } from "#lib/laptop/cloudformation/resource.ts";
import { columns } from "./columns.ts";

/** More logical ids than this in one row are counted instead. */
const SHOWN = 5;

/** What of the templates does not run here, as one table: a row for each type and consequence. Empty where everything runs. */
export function missingTable(missing: readonly MissingResource[]): string[] {
  if (missing.length === 0) return [];
  const rows = [...Map.groupBy(missing, ({ stack, type, consequence }) => [stack, type, consequence].join("\n")).values()];
  const several = new Set(missing.map(({ stack }) => stack)).size > 1;
  const lines = rows.flatMap((row) => {
    const [first] = row;
    return first ? [[...(several ? [first.stack] : []), first.type, first.consequence, names(row)]] : [];
  });
  const heading = [...(several ? ["stack"] : []), "type", "what will be missing", "logical id"];
  return columns([heading, ...lines]);
}

function names(row: readonly MissingResource[]): string {
  const ids = [...new Set(row.map(({ logicalId }) => logicalId))];
  const more = ids.length - SHOWN;
  return more > 0 ? `${ids.slice(0, SHOWN).join(", ")} and ${more} more` : ids.join(", ");
}
