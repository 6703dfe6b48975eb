/** As many as a sweep may remove before their records are read. */
const REMEMBERED = 10_000;

/** The keys of the items that the time to live has removed lately: their stream records say so. */
export class ExpiredItems {
  readonly #items = new Set<string>();

  add(table: string, key: Readonly<Record<string, unknown>>): void {
    this.#items.add(idOf(table, key));
    if (this.#items.size > REMEMBERED)
      for (const oldest of [...this.#items].slice(0, REMEMBERED / 2)) this.#items.delete(oldest);
  }

  has(table: string, key: unknown): boolean {
    return this.#items.has(idOf(table, key));
  }
}

/** The engine writes the names of a key in any order. */
function idOf(table: string, key: unknown): string {
  const parts = typeof key === "object" && key !== null ? Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1)) : [];
  return JSON.stringify([table, parts]);
}
