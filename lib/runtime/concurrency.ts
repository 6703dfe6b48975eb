/** Runs `work` on the items, at most `limit` at a time, started in order; the results are in the order of the items. */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}

/** Waits a random time up to the limit, so that callers who failed together do not retry together. */
export async function jitteredPause(limitMilliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * limitMilliseconds));
}
