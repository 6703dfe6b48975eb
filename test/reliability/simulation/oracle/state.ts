import type { Change } from "../cloud/dynamodb.ts";
import { type Item, numberIn, textIn } from "../cloud/items.ts";
import type { Seen } from "./runs.ts";

/** What an item of a program says: a cell's number or the stages passed, and who put it; or the total of a heap. */
export interface Content {
  readonly n: number;
  readonly by?: string;
}

/** A change of what programs own. */
export interface StateChange {
  /** `cell#<key>`, `stage#<fact>` or `heap#<key>`. */
  readonly name: string;
  readonly before: Content | undefined;
  readonly after: Content | undefined;
}

/** Reads the changes of a write: those of the items of programs, by our own reading of a table. */
export function stateChanges(changes: readonly Change[]): StateChange[] {
  return changes.flatMap(({ key, before, after }) => {
    const name = key.slice(0, key.lastIndexOf("|"));
    if (!/^(cell|stage|heap)#/.test(name)) return [];
    const change = { name, before: contentOf(before), after: contentOf(after) };
    return change.before?.n === change.after?.n && change.before?.by === change.after?.by ? [] : [change];
  });
}

/** An item's content; undefined for one that has none of a program's attributes: the runtime may keep something in it. */
function contentOf(item: Item | undefined): Content | undefined {
  if (item?.["total"]) return { n: numberIn(item, "total") };
  const attribute = ["n", "passed"].find((name) => item?.[name]);
  return attribute === undefined ? undefined : { n: numberIn(item, attribute), by: textIn(item, "by") };
}

/** What every cell has held, and from when on. */
export class History {
  readonly #held = new Map<string, { readonly from: number; readonly content: Content | undefined }[]>();

  /** What the cell holds now. @param name `<service> cell#<key>` */
  now(name: string): Content | undefined {
    return this.#held.get(name)?.at(-1)?.content;
  }

  set(name: string, content: Content | undefined, at: number): void {
    const held = this.#held.get(name) ?? [];
    this.#held.set(name, held);
    held.push({ from: at, content });
  }

  /** Whether a cell held what was seen of it at some time since. */
  heldSince(name: string, { n, by }: Seen, since: number): boolean {
    const held = [{ from: 0, content: undefined }, ...(this.#held.get(name) ?? [])];
    return held.some(({ content }, index) => {
      const until = held[index + 1]?.from ?? Infinity;
      return until >= since && content?.n === n && content?.by === by;
    });
  }

  /** Whether a cell has held something all the time since. */
  heldThroughout(name: string, since: number): boolean {
    const held = this.#held.get(name) ?? [];
    const first = held.findLastIndex(({ from }) => from <= since);
    return first >= 0 && held.slice(first).every(({ content }) => content !== undefined);
  }
}
