/** When a batch is full. */
export interface Full<Item> {
  /** Number of items. */
  readonly items: number;
  /** Sum of weights, which the last item may exceed. */
  readonly weight: number;
  readonly weigh: (item: Item) => number;
}

/**
 * Groups items into batches. A batch is passed on when it is full, or when the source pauses: what trickles in does not wait
 * for a full batch.
 *
 * @param waitMilliseconds how long an incomplete batch waits for the next item
 */
export async function* batches<Item>(
  source: AsyncIterable<Item>,
  full: Full<Item>,
  waitMilliseconds = 20,
): AsyncGenerator<[Item, ...Item[]]> {
  const iterator = source[Symbol.asyncIterator]();
  let batch: Item[] = [];
  let weight = 0;
  try {
    let next = iterator.next();
    for (;;) {
      const result = batch.length === 0 ? await next : await within(waitMilliseconds, next);
      if (isFilled(batch) && (result === "late" || result.done || batch.length === full.items || weight >= full.weight)) {
        yield batch;
        [batch, weight] = [[], 0];
      }
      if (result === "late") continue;
      if (result.done) return;
      batch.push(result.value);
      weight += full.weigh(result.value);
      next = iterator.next();
    }
  } finally {
    // Not awaited: it would wait for an item that may never come.
    iterator.return?.().catch(() => {});
  }
}

async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), milliseconds)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isFilled<Item>(items: readonly Item[]): items is [Item, ...Item[]] {
  return items.length > 0;
}
