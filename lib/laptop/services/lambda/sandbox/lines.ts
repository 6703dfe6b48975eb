/** Longest log line that is passed on, in UTF-16 code units; the rest of a longer one is counted and dropped. */
const LONGEST_LINE = 16_384;

/** Cuts what a function writes into lines. A line may come in pieces; empty ones are skipped. */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  #pending = "";
  #dropped = 0;

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.#append(text, start, end);
      this.flush();
      start = end + 1;
    }
    this.#append(text, start, text.length);
  }

  /** Ends the line that has no line feed yet, if there is one. */
  flush(): void {
    const line = this.#pending.endsWith("\r") ? this.#pending.slice(0, -1) : this.#pending;
    const dropped = this.#dropped;
    this.#pending = "";
    this.#dropped = 0;
    if (line !== "") this.#emit(dropped === 0 ? line : `${line}… (${dropped} more characters)`);
  }

  #append(text: string, start: number, end: number): void {
    const taken = Math.min(end - start, LONGEST_LINE - this.#pending.length);
    this.#pending += text.slice(start, start + taken);
    this.#dropped += end - start - taken;
  }
}
