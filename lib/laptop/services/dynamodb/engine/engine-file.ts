import { lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Linux keeps files in memory here. */
const MEMORY = "/dev/shm";

const PREFIX = "fanfare-";

/** A folder is there only until its engine has opened the file: an older one is that of a cloud that was killed meanwhile. */
const SWEPT_AFTER_MILLISECONDS = 300_000;

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
  const folder = folderInMemory();
  if (folder === undefined) return undefined;
  const path = join(folder, "tables.sqlite");
  return {
    path,
    complete: () => indexStreams(path),
    unlink: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Absent where there is too little room, or nobody may write. */
function folderInMemory(): string | undefined {
  try {
    sweep();
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= LEAST_BYTES_FREE ? mkdtempSync(join(MEMORY, PREFIX)) : undefined;
  } catch {
    return undefined;
  }
}

function sweep(): void {
  const before = Date.now() - SWEPT_AFTER_MILLISECONDS;
  for (const name of readdirSync(MEMORY)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(MEMORY, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() && stats.uid === process.getuid?.() && stats.mtimeMs < before)
      rmSync(path, { recursive: true, force: true });
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
