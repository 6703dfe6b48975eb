import { type AttributeValue, BatchGetItemCommand, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { ItemKey } from "../../contracts/entity.ts";
import { BATCH_GET_KEYS } from "../../contracts/limits.ts";
import { jitteredPause, mapLimited } from "../concurrency.ts";
import { RetryLaterError } from "../errors.ts";
import { marshall } from "./attribute-values.ts";
import type { Clients } from "../lambda/clients.ts";
import type { ServiceConfig } from "../lambda/config.ts";

/** BatchGetItem requests in flight at once. */
const READS_AT_ONCE = 4;

/** Attempts at keys that BatchGetItem left unprocessed, and the longest wait before the second, in milliseconds. */
const READ_ATTEMPTS = 6;
const READ_BACKOFF_MILLISECONDS = 20;

/** An item in DynamoDB's format. */
export type Item = Record<string, AttributeValue>;

/** What a table is read with. */
export interface TableContext {
  readonly clients: Pick<Clients, "dynamodb">;
  readonly config: Pick<ServiceConfig, "table">;
}

/** Reads one item, with a consistent read. */
export async function readItem({ clients, config }: TableContext, key: ItemKey): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: config.table, Key: marshall(key), ConsistentRead: true });
  return (await clients.dynamodb.send(command)).Item;
}

/** Reads the items of distinct keys, with consistent reads, in no particular order; a key without an item adds none. */
export async function readItems(context: TableContext, keys: readonly ItemKey[]): Promise<Item[]> {
  const chunks = Array.from({ length: Math.ceil(keys.length / BATCH_GET_KEYS) }, (_, index) =>
    keys.slice(index * BATCH_GET_KEYS, (index + 1) * BATCH_GET_KEYS),
  );
  return (await mapLimited(chunks, READS_AT_ONCE, (chunk) => batchGet(context, chunk))).flat();
}

async function batchGet({ clients, config }: TableContext, keys: readonly ItemKey[]): Promise<Item[]> {
  const items: Item[] = [];
  let left = keys.map((key) => marshall(key));
  for (let attempt = 1; ; attempt++) {
    const answer = await clients.dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [config.table]: { Keys: left, ConsistentRead: true } } }),
    );
    items.push(...(answer.Responses?.[config.table] ?? []));
    left = answer.UnprocessedKeys?.[config.table]?.Keys ?? [];
    if (left.length === 0) return items;
    if (attempt === READ_ATTEMPTS)
      throw new RetryLaterError(`DynamoDB left ${left.length} of ${keys.length} items unread: it is too busy`);
    await jitteredPause(READ_BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
  }
}
