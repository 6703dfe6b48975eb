import type { DatabaseSync } from "node:sqlite";

type Write = () => void;

/**
 * Writes of what has happened in memory already: a receive, a move, a deletion. Where the disk has no room they wait, in their order, for
 * the next write that succeeds, so that a queue can be drained on a full disk. What is kept anew has to succeed, or is refused.
 */
export class LateWrites {
  readonly #database: DatabaseSync;
  #waiting: Write[] = [];
  #isGathering = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Writes now, or later. */
  write(write: Write): void {
    this.#waiting.push(write);
    if (this.#isGathering) return;
    this.#tryToCatchUp();
  }

  /** Gathers the writes of some work into one transaction. */
  together<T>(work: () => T): T {
    if (this.#isGathering) return work();
    this.#isGathering = true;
    try {
      return work();
    } finally {
      this.#isGathering = false;
      this.#tryToCatchUp();
    }
  }

  /** Writes what waits, in one transaction. @throws Error where there is no room for it */
  catchUp(): void {
    const [only, ...others] = this.#waiting;
    if (only === undefined) return;
    if (others.length === 0) only();
    else this.atomically(() => this.#waiting.forEach((write) => write()));
    this.#waiting = [];
  }

  /** All of what some work writes, or nothing. */
  atomically<T>(work: () => T): T {
    this.#database.exec("BEGIN");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite has ended the transaction itself where the disk is full.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #tryToCatchUp(): void {
    try {
      this.catchUp();
    } catch (error) {
      if (isOutOfRoom(error)) return;
      this.#waiting = [];
      throw error;
    }
  }
}

/** sqlite.org/rescode.html: SQLITE_IOERR and SQLITE_FULL, which a full disk and a limit of file sizes come to. */
function isOutOfRoom(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return [10, 13].includes(code % 256);
}
