import type { Entry } from "./entry.ts";

/**
 * Merges sequences that are each in the order of time, holding one entry of each. A sequence that fails ends there; the others go on.
 *
 * @param onError called with the error of a sequence
 */
export async function* mergeByTime(
  sequences: readonly AsyncIterator<Entry>[],
  onError: (error: unknown) => void,
): AsyncGenerator<Entry> {
  const advance = async (sequence: AsyncIterator<Entry>) => {
    try {
      const result = await sequence.next();
      return result.done ? undefined : { sequence, entry: result.value };
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
  const first = await Promise.all(sequences.map(advance));
  const heads = first.filter((head) => head !== undefined);
  while (heads.length > 0) {
    const earliest = heads.reduce((a, b) => (b.entry.time < a.entry.time ? b : a));
    yield earliest.entry;
    const next = await advance(earliest.sequence);
    heads.splice(heads.indexOf(earliest), 1, ...(next ? [next] : []));
  }
}
