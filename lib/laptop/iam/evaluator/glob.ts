import { searchFor, type TextSearch } from "../../shared/text-search.ts";

/** Any characters, or none. */
export const MANY = Symbol("*");
/** Any one character. */
export const ONE = Symbol("?");

/** What a pattern is made of: text that stands for itself, and wildcards. */
export type Glob = readonly (string | typeof MANY | typeof ONE)[];

/**
 * The test of a text against a pattern. It takes the leftmost place for what stands between two `*`, so that it never has to go back:
 * a regular expression takes the text's length to the power of how many there are.
 */
export function compileGlob(glob: Glob): (text: string) => boolean {
  const [first = new Segment([]), ...rest] = segmentsOf(glob);
  const last = rest.pop();
  if (last === undefined) return (text) => text.length === first.length && first.isAt(text, 0);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !first.isAt(text, 0) || !last.isAt(text, end)) return false;
    let offset = first.length;
    for (const segment of rest) {
      const found = segment.find(text, offset);
      if (found === -1) return false;
      offset = found + segment.length;
    }
    return offset <= end;
  };
}

/** What stands between two `*`. */
class Segment {
  readonly length: number;
  readonly #pieces: Glob;
  readonly #search: TextSearch | undefined;

  constructor(pieces: Glob) {
    this.#pieces = pieces;
    this.length = pieces.reduce((length, piece) => length + (typeof piece === "string" ? piece.length : 1), 0);
    const isText = pieces.every((piece) => typeof piece === "string");
    this.#search = isText ? searchFor(pieces.join("")) : undefined;
  }

  isAt(text: string, place: number): boolean {
    let offset = place;
    for (const piece of this.#pieces) {
      if (typeof piece === "string" && !text.startsWith(piece, offset)) return false;
      offset += typeof piece === "string" ? piece.length : 1;
    }
    return offset <= text.length;
  }

  find(text: string, from: number): number {
    if (this.#search) return this.#search(text, from);
    for (let place = from; place + this.length <= text.length; place++) if (this.isAt(text, place)) return place;
    return -1;
  }
}

function segmentsOf(glob: Glob): Segment[] {
  const segments: Glob[number][][] = [[]];
  for (const piece of glob) {
    if (piece === MANY) segments.push([]);
    else segments.at(-1)?.push(piece);
  }
  return segments.map((pieces) => new Segment(pieces));
}
