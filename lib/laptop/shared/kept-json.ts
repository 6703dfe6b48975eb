import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { CloudError } from "./errors.ts";

/** What a file keeps; undefined where there is none yet. @throws CloudError where it is not JSON */
export function readKept(file: string): unknown {
  if (!existsSync(file)) return undefined;
  try {
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    return kept;
  } catch {
    throw new CloudError(`${file} is not JSON, as a cloud would have left it. Restore it, or delete it to begin without.`);
  }
}

/** Written beside and moved into place, so that a crash leaves the old file or the new one. */
export function writeKept(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2));
  renameSync(`${file}.new`, file);
}
