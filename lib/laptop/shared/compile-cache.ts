import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string | false | undefined;

/**
 * The folder of V8's code cache and of Node's stripped types, for every process and thread of Fanfare's: a third off a cold start and 5 MB off
 * a worker (102 → 64 ms for a bundle with three AWS clients on the machine that this was written on). What lies in it is run, so it
 * must be this user's alone.
 *
 * @returns undefined where another user has put something in its place
 */
export function compileCache(): string | undefined {
  folder ??= ownFolder(join(tmpdir(), `fanfare-compile-cache-${process.getuid?.() ?? "own"}`)) ?? false;
  return folder === false ? undefined : folder;
}

/** Makes a folder that only this user can enter. @returns undefined where it is anything else */
export function ownFolder(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const stats = lstatSync(path);
    // On Windows the folder for temporary files is the user's own.
    const isPrivate = process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o077) === 0);
    return stats.isDirectory() && isPrivate ? path : undefined;
  } catch {
    return undefined;
  }
}
