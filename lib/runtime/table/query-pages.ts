import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { keyAttributes } from "../../contracts/item-attributes.ts";
import { marshall } from "./attribute-values.ts";
import type { Item, TableContext } from "./read-items.ts";
import type { SortRange } from "./sort-range.ts";

/** Keys of an index per page: what one BatchGetItem reads. */
const INDEX_PAGE = 100;

/** What is asked of a table or one of its indexes. */
export interface KeyQuery {
  /** The partition key, whole: `order#1001`. */
  readonly partition: string;
  readonly range: SortRange;
  readonly index: string | undefined;
  readonly descending: boolean;
  /** Items that are likely to be enough. */
  readonly limit: number | undefined;
}

/**
 * The items of a partition, page by page in the order of their sort keys: whole and consistently read from a table, keys alone
 * from an index.
 */
export async function* queryPages({ clients, config }: TableContext, query: KeyQuery): AsyncGenerator<Item[], void> {
  const { index, descending } = query;
  let start: Record<string, AttributeValue> | undefined;
  let size = query.limit ?? (index === undefined ? undefined : INDEX_PAGE);
  do {
    const { Items = [], LastEvaluatedKey } = await clients.dynamodb.send(
      new QueryCommand({
        TableName: config.table,
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        ...keyCondition(query),
        ScanIndexForward: !descending,
        ...(size !== undefined && { Limit: size }),
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    yield Items;
    start = LastEvaluatedKey;
    // Most of what was found did not count, such as items that have expired: ask for more at a time.
    if (size !== undefined) size = Math.max(INDEX_PAGE, size);
  } while (start);
}

function keyCondition({ partition, range: { from, to, prefix }, index }: KeyQuery) {
  const names = keyAttributes(index);
  const [condition, values] = prefix
    ? ["begins_with(#sk, :prefix)", { ":prefix": prefix }]
    : from && to
      ? ["#sk BETWEEN :from AND :to", { ":from": from, ":to": to }]
      : from
        ? ["#sk >= :from", { ":from": from }]
        : to
          ? ["#sk <= :to", { ":to": to }]
          : [undefined, {}];
  return {
    KeyConditionExpression: condition === undefined ? "#pk = :pk" : `#pk = :pk AND ${condition}`,
    ExpressionAttributeNames: { "#pk": names.partition, ...(condition !== undefined && { "#sk": names.sort }) },
    ExpressionAttributeValues: marshall({ ":pk": partition, ...values }),
  };
}
