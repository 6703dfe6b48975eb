import { ProgressLine } from "../../terminal/progress-line.ts";

/** Shows how far publishing has got. */
export class Progress {
  readonly #line: ProgressLine;
  readonly #total: number | undefined;
  readonly #started = performance.now();
  #read = 0;
  #done = 0;
  #bad = 0;

  /** @param total bytes of the input, if known */
  constructor(stream: NodeJS.WriteStream, total: number | undefined) {
    this.#line = new ProgressLine(stream);
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
    this.#line.show(
      this.#done + this.#bad,
      () => this.text,
      () => this.#bar(),
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

  #bar(): string {
    if (!this.#total) return "";
    const share = Math.min(1, this.#read / this.#total);
    return `${this.#line.bar(share)} ${String(Math.floor(share * 100)).padStart(3)} %  `;
  }
}
