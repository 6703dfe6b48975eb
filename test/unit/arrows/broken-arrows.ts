import type { Import } from "./imports.ts";
import { ARROWS } from "./table.ts";

/** What an arrow breaks, a line each: `lib/runtime/a.ts imports lib/stacks/b.ts: lib/runtime may import lib/contracts.` */
export function brokenArrows(imports: readonly Import[], table = ARROWS): string[] {
  return imports.flatMap(({ from, to }) => {
    const room = roomOf(from, table);
    const other = roomOf(to, table);
    if (room === undefined || other === undefined || room.folder === other.folder) return [];
    const allowed = table[room.name] ?? [];
    if (allowed.some((name) => covers(name, other))) return [];
    return [`${from} imports ${to}: ${room.folder} may import ${allowed.join(", ") || "nothing"}.`];
  });
}

/** The files of each circle of imports, where there is one. */
export function circles(imports: readonly Import[]): string[][] {
  const next = Map.groupBy(imports, ({ from }) => from);
  const state = new Map<string, "open" | "done">();
  const found: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "open") found.push([...path.slice(path.indexOf(file)), file]);
    if (state.has(file)) return;
    state.set(file, "open");
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, "done");
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}

interface Room {
  /** As the table has it: `functions/*`. */
  readonly name: string;
  /** `functions/orders`. */
  readonly folder: string;
}

/** The room that a file stands in: the longest folder that the table names. */
function roomOf(file: string, table: typeof ARROWS): Room | undefined {
  if (file === "aws-cdk-lib") return { name: file, folder: file };
  const parts = file.split("/").slice(0, -1);
  for (let length = parts.length; length > 0; length--) {
    const folder = parts.slice(0, length).join("/");
    const each = `${parts.slice(0, length - 1).join("/")}/*`;
    if (folder in table) return { name: folder, folder };
    if (each in table) return { name: each, folder };
  }
  return undefined;
}

function covers(allowed: string, { name, folder }: Room): boolean {
  if (!allowed.endsWith("/**")) return allowed === name || allowed === folder;
  const root = allowed.slice(0, -"/**".length);
  return folder === root || folder.startsWith(`${root}/`);
}
