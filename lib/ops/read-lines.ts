const LINE_FEED = 0x0a;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** One line of a text, without its ending. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Absent if the line cannot be read; `problem` says why. */
  readonly text?: string;
  readonly problem?: string;
}

/**
 * Splits bytes into lines of UTF-8 without holding the whole text in memory: a line over the limit is skipped. Only a line
 * feed ends a line (with the carriage return before it), since JSON may contain every other separator unescaped. Empty lines
 * are counted and left out.
 *
 * @param longest limit of a line, in bytes
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  let number = 1;
  let pieces: Uint8Array[] = [];
  let bytes = 0;

  const take = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes <= longest) pieces.push(piece);
    else pieces = [];
  };
  const finish = (): Line | undefined => {
    const line = bytes > longest ? { number, problem: `longer than ${longest} bytes` } : decode(number, pieces);
    [pieces, bytes] = [[], 0];
    number++;
    return line;
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      const line = finish();
      if (line) yield line;
    }
    take(chunk.subarray(start));
  }
  const last = finish();
  if (last) yield last;
}

function decode(number: number, pieces: readonly Uint8Array[]): Line | undefined {
  try {
    const text = utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)).trim();
    return text === "" ? undefined : { number, text };
  } catch {
    return { number, problem: "not UTF-8" };
  }
}
