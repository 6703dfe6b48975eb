import { appendFileSync, existsSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { addSummary, emptySummary, type Summary } from "./summary.ts";

/** Seeds that were run: from, up to and without to. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
}

const counts = v.array(v.tuple([v.string(), v.number()]));

const line = v.object({
  from: v.number(),
  to: v.number(),
  seeds: v.number(),
  events: v.number(),
  deliveries: v.number(),
  faults: v.number(),
  seconds: v.number(),
  faultsFired: counts,
  rareStates: counts,
  failures: v.array(
    v.object({ seed: v.number(), violations: v.array(v.object({ invariant: v.string(), detail: v.string() })) }),
  ),
});

/** A file of the seeds that a long run has done, a line for each chunk of them, so that the run can be ended and gone on with. */
export class Journal {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** What is done so far. A line that was cut off is left out. @throws ValiError when the file is no journal */
  read(): { readonly done: readonly Chunk[]; readonly summary: Summary } {
    const summary = emptySummary();
    const lines = existsSync(this.#file) ? readFileSync(this.#file, "utf8").split("\n") : [];
    const done = lines.filter(isWhole).map((text) => {
      const { from, to, faultsFired, rareStates, ...rest } = v.parse(line, JSON.parse(text));
      addSummary(summary, { ...rest, faultsFired: new Map(faultsFired), rareStates: new Map(rareStates) });
      return { from, to };
    });
    return { done, summary };
  }

  note(chunk: Chunk, { faultsFired, rareStates, ...rest }: Summary): void {
    const noted: v.InferOutput<typeof line> = {
      ...chunk,
      ...rest,
      faultsFired: [...faultsFired],
      rareStates: [...rareStates],
      failures: rest.failures.map(({ seed, violations }) => ({ seed, violations: [...violations] })),
    };
    // The line's end comes first: one that is cut off then spoils none behind it.
    appendFileSync(this.#file, `\n${JSON.stringify(noted)}`);
  }
}

function isWhole(text: string): boolean {
  return text.startsWith("{") && text.endsWith("]}");
}

/** Divides the seeds that are not done into chunks. @param size seeds of a chunk, by its number from 0 on */
export function chunksLeft(range: Chunk, done: readonly Chunk[], size: (number: number) => number): Chunk[] {
  const chunks: Chunk[] = [];
  const inOrder = [...done].toSorted((a, b) => a.from - b.from);
  for (let from = range.from; from < range.to;) {
    const over = inOrder.find((chunk) => chunk.from <= from && from < chunk.to);
    if (over) {
      from = over.to;
      continue;
    }
    const next = inOrder.find((chunk) => chunk.from > from)?.from ?? Infinity;
    const to = Math.min(range.to, next, from + size(chunks.length));
    chunks.push({ from, to });
    from = to;
  }
  return chunks;
}
