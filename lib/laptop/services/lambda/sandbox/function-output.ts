import { LineSplitter } from "./lines.ts";
import { OUTPUT_IN_TRANSIT, SHARED } from "./protocol.ts";

/**
 * Most of one invocation's output that becomes log lines, in UTF-16 code units; the rest is counted and dropped. CloudWatch would take it
 * and charge for it; here it would fill the memory and the terminal.
 */
const MOST_OF_INVOCATION = 5_000_000;

/** What one execution environment writes, as lines. */
export class FunctionOutput {
  readonly #shared: Int32Array<SharedArrayBuffer>;
  readonly #emit: (line: string) => void;
  readonly #lines: Readonly<Record<"stdout" | "stderr", LineSplitter>>;
  #room = MOST_OF_INVOCATION;
  #dropped = 0;

  constructor(shared: Int32Array<SharedArrayBuffer>, emit: (line: string) => void) {
    this.#shared = shared;
    this.#emit = emit;
    this.#lines = { stdout: new LineSplitter(emit), stderr: new LineSplitter(emit) };
  }

  /** An invocation begins. */
  begin(): void {
    this.#room = MOST_OF_INVOCATION;
  }

  /** Takes what the thread has posted, and lets it write on where it waits. */
  take(stream: "stdout" | "stderr", text: string): void {
    const before = Atomics.sub(this.#shared, SHARED.outputInTransit, text.length);
    const half = OUTPUT_IN_TRANSIT / 2;
    if (before > half && before - text.length <= half) Atomics.notify(this.#shared, SHARED.outputInTransit);
    this.add(stream, text);
  }

  add(stream: "stdout" | "stderr", text: string): void {
    const kept = text.length <= this.#room ? text : text.slice(0, this.#room);
    this.#room -= kept.length;
    this.#dropped += text.length - kept.length;
    this.#lines[stream].push(kept);
  }

  /** Ends the lines that have no line feed yet. */
  flush(): void {
    this.#lines.stdout.flush();
    this.#lines.stderr.flush();
    if (this.#dropped > 0)
      this.#emit(
        `… and ${this.#dropped} more characters: of one invocation's output, the first ${MOST_OF_INVOCATION} are kept`,
      );
    this.#dropped = 0;
  }
}
