import { open } from "node:fs/promises";
import type { LineResult } from "#lib/ops/publish/publish-lines.ts";

/** The file of lines that were not published. */
export interface RefusedFile {
  /** Appends a line as NDJSON: its number, outcome, reason and text. */
  write(result: Exclude<LineResult, { outcome: "published" }>): Promise<void>;
  close(): Promise<void>;
}

/** Creates or empties the file. @throws Error in one line when it cannot be written. */
export async function createRefusedFile(path: string): Promise<RefusedFile> {
  const file = await open(path, "w").catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be written (${error.code})`, { cause: error });
  });
  return {
    write: async (result) => void (await file.write(`${JSON.stringify(result)}\n`)),
    close: () => file.close(),
  };
}
