import { styleText } from "node:util";
import { printable } from "#lib/ops/printable.ts";

/** Cells of the bar. */
const BAR = 24;

/** A terminal is redrawn at most this often. */
const REDRAW_MILLISECONDS = 80;

/** Items per line without a terminal. */
const LINES_APART = 1_000;

/** One line of progress: redrawn in place on a terminal, otherwise printed now and then. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /**
   * Shows the progress after another item is done.
   *
   * @param done items so far
   * @param text the progress in words; only called when it is shown
   * @param bar stands before the text on a terminal; only called when it is shown
   */
  show(done: number, text: () => string, bar: () => string): void {
    if (this.#stream.isTTY) {
      if (performance.now() - this.#drawn < REDRAW_MILLISECONDS) return;
      this.#drawn = performance.now();
      this.#stream.write(`\r\u001B[K${bar()}${text()}`);
    } else if (done % LINES_APART === 0) this.#stream.write(`${text()}\n`);
  }

  /** A bar that is full for a share of 1. */
  bar(share: number): string {
    const full = Math.min(BAR, Math.round(share * BAR));
    return styleText("green", "█".repeat(full), { stream: this.#stream }) + "░".repeat(BAR - full);
  }

  /** Writes a line above the progress; what it quotes from outside is made printable. */
  note(line: string): void {
    this.clear();
    this.#stream.write(`${printable(line)}\n`);
  }

  /** Erases the progress. */
  clear(): void {
    if (this.#stream.isTTY && this.#drawn > 0) this.#stream.write("\r\u001B[K");
  }
}
