import { isRecord } from "../../../shared/json.ts";
import { readKept, writeKept } from "../../../shared/kept-json.ts";

/** How far each event source mapping of a stream has come. */
export class StreamCheckpoints {
  readonly #file: string | undefined;
  readonly #sequenceNumbers = new Map<string, string>();

  /** `file` keeps them; absent, they live as long as the process. */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined) return;
    const kept = readKept(file);
    for (const [mapping, number] of isRecord(kept) ? Object.entries(kept) : []) {
      if (typeof number === "string") this.#sequenceNumbers.set(mapping, number);
    }
  }

  /** The sequence number of the last record that a mapping is done with. */
  get(mapping: string): string | undefined {
    return this.#sequenceNumbers.get(mapping);
  }

  set(mapping: string, sequenceNumber: string): void {
    this.#sequenceNumbers.set(mapping, sequenceNumber);
    if (this.#file !== undefined) writeKept(this.#file, Object.fromEntries(this.#sequenceNumbers));
  }
}
