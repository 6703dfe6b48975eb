import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudError } from "./errors.ts";

/** A folder that one cloud at a time keeps its state in. */
export interface PersistFolder {
  /** A path inside the folder. */
  path(name: string): string;
  release(): void;
}

/**
 * Claims a folder by a lock file that holds this process's id; the lock of a process that is gone is taken over. The
 * engines do not check this themselves: two of them on one file would corrupt it.
 *
 * @throws CloudError where a running cloud holds the folder.
 */
export function claimPersistFolder(folder: string): PersistFolder {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "lock");
  if (!tryLock(lock)) {
    const holder = Number.parseInt(readFileSync(lock, "utf8"), 10);
    if (isRunning(holder)) {
      throw new CloudError(
        `${folder} is in use by process ${holder}. Stop it, use another folder, or delete ${lock} if that process is no cloud.`,
      );
    }
    rmSync(lock, { force: true });
    if (!tryLock(lock)) throw new CloudError(`${folder} was just taken by another cloud. Stop it, or use another folder.`);
  }
  return { path: (name) => join(folder, name), release: () => rmSync(lock, { force: true }) };
}

function tryLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isErrno(error) && error.code === "EEXIST") return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return isErrno(error) && error.code === "EPERM";
  }
}

function isErrno(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && "code" in thrown;
}
