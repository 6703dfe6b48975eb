import { open } from "node:fs/promises";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import type { DeadLetter } from "#lib/ops/dead-letters/letter.ts";

/** A file of letters as NDJSON. */
export interface LettersFile {
  /** Appends letters; when it returns, they are on the disk. */
  readonly write: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Creates the file, readable only by its owner: letters contain customers' data.
 *
 * @throws Error in one line when it exists already, or cannot be written.
 */
export async function createLettersFile(path: string): Promise<LettersFile> {
  const file = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw new Error(`${path} exists already: expected the name of a new file`, { cause: error });
    throw new Error(`${path} cannot be written (${error.code})`, { cause: error });
  });
  return {
    write: async (letters) => {
      await file.appendFile(letters.map((letter) => `${exportLine(letter)}\n`).join(""));
      await file.datasync();
    },
    close: () => file.close(),
  };
}
