import { styleText } from "node:util";

/** Cells of the bar. */
const BAR = 24;

/** A terminal is redrawn at most this often. */
const REDRAW_MILLISECONDS = 80;

/** Letters per progress line without a terminal. */
const LINES_APART = 1_000;

/** Shows on standard error how many letters are done: a bar on a terminal, otherwise a plain line now and then. */
export class LetterProgress {
  readonly #verb: string;
  readonly #total: number;
  readonly #stream = process.stderr;
  #done = 0;
  #drawn = 0;

  /**
   * @param verb what has been done to a letter: `sent back`
   * @param total number of letters, approximately; 0 if it is unknown how many are selected
   */
  constructor(verb: string, total: number) {
    this.#verb = verb;
    this.#total = total;
  }

  /** Counts a letter that is done. */
  advance(): void {
    this.#done++;
    if (this.#stream.isTTY) {
      if (performance.now() - this.#drawn >= REDRAW_MILLISECONDS) this.#draw();
    } else if (this.#done % LINES_APART === 0) this.#stream.write(`${this.#text}\n`);
  }

  /** Writes a line above the bar. */
  note(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }

  /** Erases the bar. */
  clear(): void {
    if (this.#stream.isTTY && this.#drawn > 0) this.#stream.write("\r\u001B[K");
  }

  get #text(): string {
    const of = this.#total > 0 ? ` of about ${this.#total.toLocaleString("en-US")}` : "";
    return `${this.#done.toLocaleString("en-US")}${of} ${this.#verb}`;
  }

  #draw(): void {
    this.#drawn = performance.now();
    const full = this.#total > 0 ? Math.min(BAR, Math.round((this.#done / this.#total) * BAR)) : 0;
    const bar = styleText("green", "█".repeat(full), { stream: this.#stream }) + "░".repeat(BAR - full);
    this.#stream.write(`\r\u001B[K${this.#total > 0 ? `${bar}  ` : ""}${this.#text}`);
  }
}

/** How many letters there are to handle; 0 if only some are selected. */
export function totalOf(queues: readonly { readonly waiting: number }[], all: boolean | undefined): number {
  return all ? queues.reduce((sum, { waiting }) => sum + waiting, 0) : 0;
}
