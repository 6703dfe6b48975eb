import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { CloudError } from "../errors.ts";

/** What a file keeps; undefined where there is none yet. @throws CloudError where it is not JSON */
export function readKept(file: string): unknown {
  if (!existsSync(file)) return undefined;
  try {
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    return kept;
  } catch {
    throw brokenKept(file);
  }
}

/** A list that a file keeps; empty where there is none yet. @throws CloudError where it is something else */
export function keptList(kept: unknown, file: string): unknown[] {
  if (kept !== undefined && !Array.isArray(kept)) throw brokenKept(file);
  return kept ?? [];
}

/** What a file holds is not what a cloud has written. */
export function brokenKept(file: string): CloudError {
  return new CloudError(
    `${file} is not as a cloud would have left it. Restore it, or delete it to begin without what it held.`,
  );
}

/** Written beside and moved into place, so that a crash leaves the old file or the new one. */
export function writeKept(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2));
  renameSync(`${file}.new`, file);
}
