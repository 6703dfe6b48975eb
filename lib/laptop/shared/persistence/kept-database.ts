import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { CloudError, messageOf } from "../errors.ts";
import { checkLog } from "./log-check.ts";

/** Opens a database that outlives the process, once it and its log are found whole. @throws CloudError where they are not */
export function openKept(file: string): DatabaseSync {
  checkLog(file);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    const [verdict] = database.prepare("PRAGMA quick_check(1)").all();
    const { quick_check: found } = verdict ?? {};
    if (found !== "ok") throw new Error(String(found));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    return database;
  } catch (error) {
    database?.close();
    throw new CloudError(`${file} is damaged (${messageOf(error)}). Restore it, or delete it to begin without what it held.`);
  }
}

/** Checks a database that another process is going to open. @throws CloudError where it or its log is not whole */
export function checkKept(file: string): void {
  if (existsSync(file)) openKept(file).close();
}

/** Brings into a database what stands in its log, which goes. What cannot be done now is done by whoever opens it next. */
export function checkpoint(file: string): void {
  if (!existsSync(`${file}-wal`)) return;
  try {
    const database = new DatabaseSync(file);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
  } catch {
    // A full disk: the log stays, and with it all that it holds.
  }
}
