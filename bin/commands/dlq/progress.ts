import { styleText } from "node:util";

/** Cells of the bar. */
const BAR = 24;

/** A terminal is redrawn at most this often. */
const REDRAW_MILLISECONDS = 80;

/** Without a terminal there is a line for each so many letters. */
const LINES_APART = 1_000;

/** Shows on standard error how many letters are done: a bar on a terminal, a plain line now and then elsewhere. */
export class LetterProgress {
  readonly #verb: string;
  readonly #total: number;
  readonly #stream = process.stderr;
  #done = 0;
  #drawn = 0;

  /**
   * @param verb what is done to letters: `sent back`
   * @param total letters that there are, approximately; 0 where it is not known how many are meant
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

  /** Writes a line of its own, above the bar. */
  note(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }

  /** Takes the bar off the terminal. */
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

/** How many letters there are to go through; 0 where only some of them are meant. */
export function totalOf(queues: readonly { readonly waiting: number }[], all: boolean | undefined): number {
  return all ? queues.reduce((sum, { waiting }) => sum + waiting, 0) : 0;
}
