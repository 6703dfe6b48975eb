import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Linux keeps files in memory here. */
const MEMORY = "/dev/shm";

/** A container has 64 MB there unless it is given more: too little for tables. */
const LEAST_BYTES_FREE = 1_024 ** 3;

/** The SQLite file of an engine. */
export interface EngineFile {
  readonly path: string;
  /** Adds what the engine's schema lacks, once the engine has made it. */
  complete(): void;
  /** Takes a file in memory its name; an engine that has opened it goes on with it. */
  unlink(): void;
}

/** The file that keeps the tables. */
export function keptFile(path: string): EngineFile {
  return { path, complete: () => indexStreams(path), unlink: () => {} };
}

/**
 * A file in memory. Without its name it ends with the engine, however that ends. Undefined where the machine has no such files: the
 * engine then keeps its tables in its own memory, where no index can be added.
 */
export function memoryFile(): EngineFile | undefined {
  const folder = roomInMemory() ? mkdtempSync(join(MEMORY, "fanfare-")) : undefined;
  if (folder === undefined) return undefined;
  const path = join(folder, "tables.sqlite");
  return {
    path,
    complete: () => indexStreams(path),
    unlink: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function roomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= LEAST_BYTES_FREE;
  } catch {
    return false;
  }
}

/**
 * dynoxide 1.2.1 looks through all of a table's stream at each write and each read. An index on the expression by which it looks makes
 * both as quick as they are in a short stream. See docs/decisions/streams-in-front-of-the-engine.md.
 */
function indexStreams(path: string): void {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  try {
    database.exec(
      "CREATE INDEX IF NOT EXISTS fanfare_stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    );
  } finally {
    database.close();
  }
}
