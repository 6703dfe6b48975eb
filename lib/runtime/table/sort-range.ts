/** Which sort keys a query is for: those between two bounds, both included, or those that begin with a text. */
export interface SortRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly prefix?: string | undefined;
}

/** Whether a sort key is in a range. */
export function inRange({ from = "", to, prefix = "" }: SortRange, sort: string): boolean {
  return sort.startsWith(prefix) && compareSort(sort, from) >= 0 && (to === undefined || compareSort(sort, to) <= 0);
}

/** Whether no sort key can be in a range: DynamoDB refuses such bounds. */
export function isEmpty({ from = "", to }: SortRange): boolean {
  return to === "" || (to !== undefined && compareSort(from, to) > 0);
}

/** Orders sort keys as DynamoDB does, by their bytes in UTF-8; JavaScript's own order differs beyond the first 65,536 characters. */
export function compareSort(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
