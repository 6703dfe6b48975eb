import { holds, type Placeholders } from "./expressions.ts";
import { type Attribute, type Item, textIn } from "./items.ts";

/** The input of a Query, as far as the simulation reads it. API_Query */
export interface QueryInput extends Placeholders {
  readonly KeyConditionExpression?: string | undefined;
  readonly IndexName?: string | undefined;
  readonly ScanIndexForward?: boolean | undefined;
  readonly Limit?: number | undefined;
  readonly ExclusiveStartKey?: Readonly<Record<string, Attribute>> | undefined;
}

/** One page of a query. */
export interface QueryPage {
  readonly Items: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}

/**
 * A page of a partition, in the order of its sort keys; of an index, the keys alone.
 *
 * @param items as the table has them, or as a late index does
 * @param most items of a page, beside the limit that is asked for
 */
export function queryPage(items: Iterable<Item>, input: QueryInput, most: number): QueryPage {
  const { IndexName, KeyConditionExpression, ScanIndexForward = true, Limit = Infinity, ExclusiveStartKey: start } = input;
  const partition = input.ExpressionAttributeNames?.["#pk"] ?? "pk";
  const sort = IndexName === undefined ? "sk" : partition.replace(/#pk$/, "#sk");
  const keys = [...new Set(["pk", "sk", partition, sort])];
  const placeOf = (item: Readonly<Record<string, Attribute>>) =>
    [sort, "pk", "sk"].map((name) => textIn(item, name)).join("\u0000");
  const order = (a: string, b: string) => (ScanIndexForward ? 1 : -1) * (a < b ? -1 : Number(a > b));
  const found = [...items]
    .filter((item) => item[partition] && item[sort] && holds(KeyConditionExpression, item, input))
    .filter((item) => !start || order(placeOf(item), placeOf(start)) > 0)
    .toSorted((a, b) => order(placeOf(a), placeOf(b)));
  const page = found.slice(0, Math.min(Limit, most));
  // DynamoDB does not look whether anything follows.
  const isCut = page.length === Limit || page.length < found.length;
  const keyIn = (item: Item) => Object.fromEntries(keys.map((name) => [name, item[name]!]));
  const last = page.at(-1);
  return {
    Items: IndexName === undefined ? page : page.map(keyIn),
    ...(last && isCut && { LastEvaluatedKey: keyIn(last) }),
  };
}
