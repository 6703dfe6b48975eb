import { ProgressLine } from "../../terminal/progress-line.ts";

/** Shows on standard error how many letters are done. */
export class LetterProgress {
  readonly #verb: string;
  readonly #total: number;
  readonly #line = new ProgressLine(process.stderr);
  #done = 0;

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
    this.#line.show(
      this.#done,
      () => this.#text,
      () => (this.#total > 0 ? `${this.#line.bar(this.#done / this.#total)}  ` : ""),
    );
  }

  /** Writes a line above the progress. */
  note(line: string): void {
    this.#line.note(line);
  }

  /** Erases the progress. */
  clear(): void {
    this.#line.clear();
  }

  get #text(): string {
    const of = this.#total > 0 ? ` of about ${this.#total.toLocaleString("en-US")}` : "";
    return `${this.#done.toLocaleString("en-US")}${of} ${this.#verb}`;
  }
}

/** How many letters there are to handle; 0 if only some are selected. */
export function totalOf(queues: readonly { readonly waiting: number }[], all: boolean | undefined): number {
  return all ? queues.reduce((sum, { waiting }) => sum + waiting, 0) : 0;
}
