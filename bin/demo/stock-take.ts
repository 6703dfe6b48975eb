import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { stock } from "../../functions/inventory/stock.ts";
import { keyOf } from "#lib/contracts/entity.ts";

/** Requests of one BatchWriteItem: amazondynamodb, "BatchWriteItem". */
const BATCH = 25;

/** Stocks the same number of pieces of each product. */
export async function takeStock(
  dynamodb: DynamoDBClient,
  table: string,
  skus: readonly string[],
  pieces: number,
): Promise<void> {
  for (let start = 0; start < skus.length; start += BATCH) {
    let left = skus.slice(start, start + BATCH).map((sku) => ({
      PutRequest: { Item: marshall({ ...keyOf(stock, sku), sku, available: pieces, version: 1 }) },
    }));
    while (left.length > 0) {
      const { UnprocessedItems } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      const unprocessed = new Set(UnprocessedItems?.[table]?.map(({ PutRequest }) => PutRequest?.Item?.["pk"]?.S));
      left = left.filter(({ PutRequest }) => unprocessed.has(PutRequest.Item["pk"]?.S));
    }
  }
}
