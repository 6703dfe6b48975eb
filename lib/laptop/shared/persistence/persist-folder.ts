import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CloudError, messageOf } from "../errors.ts";
import { Contents } from "./contents.ts";

/** A folder that one cloud at a time keeps its state in. */
export interface PersistFolder {
  /** A path inside the folder, of something that is to be there at the next start too. */
  path(name: string): string;
  /** The cloud has opened what it keeps. */
  opened(): void;
  /** The cloud is about to close what it keeps. */
  closing(): void;
  release(): void;
}

/**
 * Claims a folder for this process. The claim is a lock of the operating system, which ends with the process however that ends: process
 * ids say little in a container, where each start has the same one.
 *
 * @throws CloudError where a running cloud holds the folder, or where it has lost something.
 */
export function claimPersistFolder(folder: string): PersistFolder {
  makeFolder(folder);
  const lock = lockOf(folder);
  const contents = new Contents(folder);
  let isOpen = false;
  try {
    contents.check();
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    path: (name) => {
      contents.add(name);
      return join(folder, name);
    },
    opened: () => {
      isOpen = true;
      contents.follow();
    },
    closing: () => contents.closing(),
    release: () => {
      if (isOpen) contents.closed();
      lock.release();
    },
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new CloudError(
      `${folder} cannot keep state: ${messageOf(error)}. Expected a folder, or a place where one can be made.`,
    );
  }
}

/** A connection that nobody refers to would be closed, and its lock with it. */
const locks = new Set<DatabaseSync>();

/** SQLite locks a file the same way on every platform, and against others of this process too. The file stays empty. */
function lockOf(folder: string): { release(): void } {
  const file = join(folder, "lock.sqlite");
  const holder = join(folder, "lock");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const isLocked = messageOf(error).includes("locked");
    throw new CloudError(
      isLocked
        ? `${folder} is in use by ${holderIn(holder)}. Stop it, or use another folder.`
        : `${file} cannot be locked: ${messageOf(error)}. Delete it, or use another folder.`,
    );
  }
  locks.add(database);
  note(holder);
  return {
    release: () => {
      rmSync(holder, { force: true });
      locks.delete(database);
      database.close();
    },
  };
}

/** Whom a person has to look for; the lock itself is another file. */
function note(holder: string): void {
  try {
    writeFileSync(holder, `process ${process.pid} on ${hostname()}`);
  } catch {
    // A full disk keeps nobody from claiming a folder.
  }
}

function holderIn(file: string): string {
  try {
    return readFileSync(file, "utf8") || "another cloud";
  } catch {
    return "another cloud";
  }
}
