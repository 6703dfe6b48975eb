import type { ItemKey } from "../../contracts/entity.ts";
import { keyAttributes } from "../../contracts/item-attributes.ts";
import { compareSort, inRange, isEmpty } from "../table/sort-range.ts";
import { partitionKey } from "./stored-item.ts";
import type { Transaction } from "./transaction.ts";
import { keyText } from "./writes.ts";

/** Which items of a partition a query is for, and in which order. */
export type QueryOptions<Index extends string = string> = Bounds & {
  /** An index that the entity declares. @default - the table: the items whose ids have the partition as their first part */
  readonly index?: Index;
  /** From the greatest sort key to the least. @default false */
  readonly descending?: boolean;
  /** Most items to return. @default - all */
  readonly limit?: number;
};

/** Sort keys: between two, both included, or those that begin with a text. @default - all */
type Bounds =
  | { readonly from?: string; readonly to?: string; readonly prefix?: undefined }
  | { readonly prefix?: string; readonly from?: undefined; readonly to?: undefined };

/** An item of the partition, by its place in the order. */
interface Placed {
  readonly key: ItemKey;
  readonly sort: string;
}

/**
 * The keys of a partition's items, in order, and read: those that the table or index has, and those that the unit had put when the query
 * began. What the unit changes while the query goes on is followed where the item is met, and not added elsewhere: a loop that puts
 * items into the partition that it reads comes to its end.
 */
export async function* queryKeys(
  transaction: Transaction,
  entity: { readonly name: string },
  partition: string,
  options: QueryOptions,
): AsyncGenerator<ItemKey, void> {
  if (isEmpty(options)) return;
  const { index, descending = false, limit } = options;
  const names = keyAttributes(index);
  const whole = partitionKey(entity, partition);
  /** Where an item is in the partition as the unit has it now; nowhere if it is not in it. */
  const placed = (key: ItemKey): Placed[] => {
    const item = transaction.current(key);
    const sort = item?.[names.sort]?.S;
    return item?.[names.partition]?.S === whole && sort !== undefined && inRange(options, sort) ? [{ key, sort }] : [];
  };
  const order = (a: Placed, b: Placed) => (descending ? compareSort(b.sort, a.sort) : compareSort(a.sort, b.sort));
  const own = transaction.writes.puts.flatMap(placed).toSorted(order);
  const elsewhere = new Set(own.map(({ key }) => keyText(key)));
  for await (const page of transaction.reads.query({ partition: whole, range: options, index, descending, limit })) {
    for (const one of page.filter((key) => !elsewhere.has(keyText(key))).flatMap(placed)) {
      while (own[0] && order(own[0], one) < 0) yield own.shift()!.key;
      yield one.key;
    }
  }
  for (const { key } of own) yield key;
}
