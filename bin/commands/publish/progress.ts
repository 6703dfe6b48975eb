import { styleText } from "node:util";

/** Cells of the bar. */
const BAR = 24;

/** A terminal is redrawn at most this often. */
const REDRAW_MILLISECONDS = 80;

/** Lines of input per progress line without a terminal. */
const LINES_APART = 1_000;

/** Shows how far publishing has got: a bar on a terminal, otherwise a plain line now and then. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number | undefined;
  readonly #started = performance.now();
  #read = 0;
  #done = 0;
  #bad = 0;
  #drawn = 0;

  /** @param total bytes of the input, if known */
  constructor(stream: NodeJS.WriteStream, total: number | undefined) {
    this.#stream = stream;
    this.#total = total;
  }

  /** Passes chunks on, and counts their bytes. */
  async *counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#read += chunk.length;
      yield chunk;
    }
  }

  /** Counts a line that was published or not. */
  count(published: boolean): void {
    if (published) this.#done++;
    else this.#bad++;
    if (this.#stream.isTTY) {
      if (performance.now() - this.#drawn >= REDRAW_MILLISECONDS) this.#draw();
    } else if ((this.#done + this.#bad) % LINES_APART === 0) this.#stream.write(`${this.text}\n`);
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

  /** The progress in words. */
  get text(): string {
    const bad = this.#bad > 0 ? `, ${this.#bad.toLocaleString("en-US")} not` : "";
    return `${this.#done.toLocaleString("en-US")} published${bad}, ${this.rate}`;
  }

  /** Events published per second since the start. */
  get rate(): string {
    const seconds = (performance.now() - this.#started) / 1_000;
    return `${Math.round(this.#done / seconds).toLocaleString("en-US")}/s`;
  }

  #draw(): void {
    this.#drawn = performance.now();
    const share = this.#total ? Math.min(1, this.#read / this.#total) : undefined;
    const bar = share === undefined ? "" : `${this.#bar(share)} ${String(Math.floor(share * 100)).padStart(3)} %  `;
    this.#stream.write(`\r\u001B[K${bar}${this.text}`);
  }

  #bar(share: number): string {
    const full = Math.round(share * BAR);
    return styleText("green", "█".repeat(full), { stream: this.#stream }) + "░".repeat(BAR - full);
  }
}
