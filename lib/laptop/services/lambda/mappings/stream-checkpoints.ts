import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isRecord } from "../../../shared/json.ts";

/** How far each event source mapping of a stream has come. */
export class StreamCheckpoints {
  readonly #file: string | undefined;
  readonly #sequenceNumbers = new Map<string, string>();

  /** `file` keeps them; absent, they live as long as the process. */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
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
    if (this.#file === undefined) return;
    // Written beside and moved into place, so that a crash leaves the old file or the new one.
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#sequenceNumbers)));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
