import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const PREFIX = "fanfare-code-";

/** What a running cloud holds a lock on: the system frees it however the cloud ends, and in whatever container it runs. */
const ALIVE = "alive.sqlite";

/** A younger folder may be one that its cloud has not locked yet. */
const SWEPT_AFTER_MILLISECONDS = 60_000;

/** A folder for temporary files that is this cloud's as long as it runs. */
export interface OwnFolder {
  readonly path: string;
  remove(): void;
}

/** Makes a folder, and holds it. It goes with this process too, unless that is killed. */
export function makeOwnFolder(): OwnFolder {
  const path = mkdtempSync(join(tmpdir(), PREFIX));
  const lock = tryLock(path);
  const remove = (): void => {
    process.off("exit", remove);
    lock?.close();
    rmSync(path, { recursive: true, force: true });
  };
  process.once("exit", remove);
  return { path, remove };
}

/** Removes the folders of clouds that were killed. One that cannot be removed stays: it is nobody's trouble but the disk's. */
export function sweepFolders(): void {
  const before = Date.now() - SWEPT_AFTER_MILLISECONDS;
  for (const name of namesIn(tmpdir())) {
    const path = join(tmpdir(), name);
    if (name.startsWith(PREFIX) && isOldAndOwn(path, before)) sweep(path);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isOldAndOwn(path: string, before: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory() || stats.mtimeMs > before) return false;
  return process.getuid === undefined || stats.uid === process.getuid();
}

function sweep(path: string): void {
  try {
    const lock = tryLock(path);
    if (!lock) return;
    lock.close();
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Another cloud sweeps it too, or the file system is read-only.
  }
}

/** Takes the lock of a folder. @returns undefined where a running cloud has it */
function tryLock(folder: string): DatabaseSync | undefined {
  const database = new DatabaseSync(join(folder, ALIVE));
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;");
    return database;
  } catch {
    database.close();
    return undefined;
  }
}
