import type { DatabaseSync } from "node:sqlite";
import { isRecord } from "../../../shared/json.ts";

const VIEWS = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] as const;

/** What a stream's records show of an item (API reference, StreamSpecification). */
export type StreamView = (typeof VIEWS)[number];

const WIDEST: StreamView = "NEW_AND_OLD_IMAGES";

/**
 * The view that each table's stream was asked for. The engine is always asked for both images: it makes a record also of a write that
 * changes nothing, which only the two images together tell.
 */
export class StreamViews {
  readonly #views = new Map<string, StreamView>();
  readonly #database: DatabaseSync | undefined;

  /** @param database keeps them across restarts */
  constructor(database: DatabaseSync | undefined) {
    this.#database = database;
    database?.exec("CREATE TABLE IF NOT EXISTS dynamodb_stream_views (table_name TEXT PRIMARY KEY, view TEXT NOT NULL)");
    for (const { table_name: table, view } of database?.prepare("SELECT * FROM dynamodb_stream_views").all() ?? []) {
      const known = VIEWS.find((name) => name === view);
      if (known) this.#views.set(String(table), known);
    }
  }

  /** Undefined for a table that has no stream, or one of which the engine alone knows. */
  of(table: string): StreamView | undefined {
    return this.#views.get(table);
  }

  set(table: string, view: StreamView | undefined): void {
    if (view === undefined) {
      this.#views.delete(table);
      this.#database?.prepare("DELETE FROM dynamodb_stream_views WHERE table_name = ?").run(table);
    } else {
      this.#views.set(table, view);
      this.#database?.prepare("INSERT OR REPLACE INTO dynamodb_stream_views VALUES (?, ?)").run(table, view);
    }
  }
}

/** The view that a CreateTable or an UpdateTable asks for; undefined where it asks for none, or for one that DynamoDB refuses. */
export function viewAskedIn({ StreamSpecification: specification }: Readonly<Record<string, unknown>>): StreamView | undefined {
  if (!isRecord(specification) || specification["StreamEnabled"] !== true) return undefined;
  return VIEWS.find((view) => view === specification["StreamViewType"]);
}

/** The same call, asking the engine for both images. */
export function widened(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (viewAskedIn(input) === undefined) return { ...input };
  return { ...input, StreamSpecification: { StreamEnabled: true, StreamViewType: WIDEST } };
}
