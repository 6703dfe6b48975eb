import { isRecord } from "../../../shared/json.ts";
import { brokenKept, readKept, writeKept } from "../../../shared/persistence/kept-json.ts";

/** How far each event source mapping of a stream has come. */
export class StreamCheckpoints {
  readonly #file: string | undefined;
  readonly #sequenceNumbers = new Map<string, string>();

  /** `file` keeps them; absent, they live as long as the process. */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined) return;
    const kept = readKept(file);
    if (kept !== undefined && !isRecord(kept)) throw brokenKept(file);
    for (const [mapping, number] of Object.entries(kept ?? {})) {
      if (typeof number !== "string") throw brokenKept(file);
      this.#sequenceNumbers.set(mapping, number);
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
