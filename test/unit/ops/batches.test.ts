import { describe, expect, it } from "vitest";
import { batches, type Full } from "#lib/ops/batches.ts";

async function* numbers(count: number) {
  for (let number = 1; number <= count; number++) yield number;
}

/** Full with so many items, whatever they weigh. */
function items<Item>(count: number): Full<Item> {
  return { items: count, weight: Infinity, weigh: () => 1 };
}

async function collect<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe("batches", () => {
  it("are full where the source is quick, but the last", async () => {
    expect(await collect(batches(numbers(5), items(2), 60_000))).toEqual([[1, 2], [3, 4], [5]]);
    expect(await collect(batches(numbers(4), items(2), 60_000))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await collect(batches(numbers(0), items(2), 60_000))).toEqual([]);
  });

  it("are full by weight where few items are heavy: what is held at once stays bounded", async () => {
    const full: Full<number> = { items: 10, weight: 5, weigh: (number) => number };

    expect(await collect(batches(numbers(6), full, 60_000))).toEqual([[1, 2, 3], [4, 5], [6]]);
  });

  it("are handed on as they are when the source makes the reader wait", async () => {
    const { promise: second, resolve: release } = Promise.withResolvers<void>();
    async function* slow() {
      yield 1;
      await second;
      yield 2;
    }
    const seen: number[][] = [];
    for await (const batch of batches(slow(), items(10), 1)) {
      seen.push(batch);
      release();
    }

    expect(seen).toEqual([[1], [2]]);
  });

  it("end when the reader has enough, though the source would never go on", async () => {
    async function* stuck() {
      yield 1;
      await new Promise(() => {});
    }
    for await (const batch of batches(stuck(), items(10), 1)) {
      expect(batch).toEqual([1]);
      break;
    }
  });

  it("fail as their source does", async () => {
    async function* broken() {
      yield 1;
      throw new Error("read error");
    }

    await expect(collect(batches(broken(), items(10)))).rejects.toThrow("read error");
  });
});
