import type { ItemKey } from "../../contracts/entity.ts";
import { unmarshall } from "../table/attribute-values.ts";
import { type KeyQuery, queryPages } from "../table/query-pages.ts";
import { type Item, readItem, readItems, type TableContext } from "../table/read-items.ts";
import { EXPIRES_AT } from "../../contracts/item-attributes.ts";
import { keyText, type ReadVersion } from "./writes.ts";

/** The items that a unit of work has read, each once: a later read returns what the first one found. */
export class Reads {
  readonly #context: TableContext;
  readonly #items = new Map<string, Item | undefined>();
  /** Those whose time was up when they were read: one that expires later must not pass for one that nobody can have changed. */
  readonly #expired = new Set<string>();
  readonly #pending = new Map<string, Promise<Item | undefined>>();

  constructor(context: TableContext) {
    this.#context = context;
  }

  /** The item of a key; undefined if there is none. */
  async one(key: ItemKey): Promise<Item | undefined> {
    const text = keyText(key);
    if (this.#items.has(text)) return this.#items.get(text);
    return this.#pending.get(text) ?? this.#expect(text, readItem(this.#context, key));
  }

  /** The items of keys, in their order. */
  async many(keys: readonly ItemKey[]): Promise<(Item | undefined)[]> {
    const unread = new Map(keys.map((key) => [keyText(key), key]));
    for (const text of unread.keys()) if (this.#items.has(text) || this.#pending.has(text)) unread.delete(text);
    if (unread.size > 0) {
      const found = readItems(this.#context, [...unread.values()]).then(byKey);
      const expected = [...unread.keys()].map((text) => this.#expect(text, itemIn(found, text)));
      await Promise.all(expected);
    }
    return Promise.all(keys.map((key) => this.one(key)));
  }

  /** The keys that a query finds, page by page; their items are then read. */
  async *query(query: KeyQuery): AsyncGenerator<readonly ItemKey[], void> {
    for await (const items of queryPages(this.#context, query)) {
      const found = byKey(items);
      const keys = items.map(keyOfItem);
      if (query.index === undefined) {
        for (const [text, item] of found) if (!this.#items.has(text) && !this.#pending.has(text)) this.#keep(text, item);
      }
      // An index has keys alone, and may be late: what counts is what the table has.
      await this.many(keys);
      yield keys;
    }
  }

  /** The version of an item that was read; undefined if it was not. */
  versionOf(key: ItemKey): ReadVersion | undefined {
    const text = keyText(key);
    if (!this.#items.has(text)) return undefined;
    if (this.#expired.has(text)) return "expired";
    const { version } = unmarshall(this.#items.get(text) ?? {});
    return typeof version === "number" ? version : 0;
  }

  /** What the read of an item has found. */
  known(key: ItemKey): Item | undefined {
    return this.#items.get(keyText(key));
  }

  /** What a committed write has left under a key. */
  set(key: ItemKey, item: Item | undefined): void {
    this.#pending.delete(keyText(key));
    this.#keep(keyText(key), item);
  }

  /** Forgets an item whose content is no longer known: the next read asks the table. */
  forget(key: ItemKey): void {
    this.#pending.delete(keyText(key));
    this.#items.delete(keyText(key));
  }

  #keep(text: string, item: Item | undefined): void {
    this.#items.set(text, item);
    if (Number(item?.[EXPIRES_AT]?.N ?? Infinity) <= Date.now() / 1_000) this.#expired.add(text);
    else this.#expired.delete(text);
  }

  async #expect(text: string, reading: Promise<Item | undefined>): Promise<Item | undefined> {
    this.#pending.set(text, reading);
    // Unless a write was committed meanwhile, or the read failed and another one was begun.
    const isAwaited = () => this.#pending.get(text) === reading;
    try {
      const item = await reading;
      if (isAwaited()) this.#keep(text, item);
      return item;
    } finally {
      if (isAwaited()) this.#pending.delete(text);
    }
  }
}

async function itemIn(found: Promise<Map<string, Item>>, text: string): Promise<Item | undefined> {
  return (await found).get(text);
}

function byKey(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map((item) => [keyText(keyOfItem(item)), item]));
}

function keyOfItem(item: Item): ItemKey {
  return { pk: item["pk"]?.S ?? "", sk: item["sk"]?.S ?? "" };
}
