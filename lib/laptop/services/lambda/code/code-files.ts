import { readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { CloudError } from "../../../shared/errors.ts";

/** More than a bundle has; a link may lead to a whole disk. */
const MOST_FILES = 10_000;

/** A file of a function's code, and what tells that it has changed. */
export interface CodeFile {
  readonly path: string;
  /** Its size and time. */
  readonly stamp: string;
}

/**
 * The files below a folder, links followed, each folder once. Installed packages are not among them, for they are many and nobody
 * edits them there; nor is what cannot be read to an end, such as a named pipe or a socket.
 *
 * @throws CloudError where there are too many to look at again and again, NodeJS.ErrnoException where a folder cannot be read
 */
export function codeFiles(folder: string): CodeFile[] {
  const files: CodeFile[] = [];
  const seen = new Set<string>();
  const walk = (directory: string, { dev, ino }: Stats): void => {
    const identity = `${dev} ${ino}`;
    if (seen.has(identity)) return;
    seen.add(identity);
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      const stats = statsOf(path);
      if (stats?.isDirectory() && name !== "node_modules") walk(path, stats);
      if (stats?.isFile()) files.push({ path, stamp: `${stats.mtimeMs} ${stats.size}` });
      if (files.length > MOST_FILES)
        throw new CloudError(`more than ${MOST_FILES} files are in ${folder} and what it links to`);
    }
  };
  walk(folder, statSync(folder));
  return files;
}

/** Absent where a link leads nowhere or to itself, or the file is gone meanwhile. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
