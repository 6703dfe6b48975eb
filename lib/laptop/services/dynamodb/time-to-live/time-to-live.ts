import { setTimeout as delay } from "node:timers/promises";
import { isRecord } from "../../../shared/json.ts";
import type { DynamoDbUpstream } from "../engine/upstream.ts";
import { ExpiredItems } from "./expired-items.ts";
import type { Tables } from "../tables.ts";

const PAGE_ITEMS = 500;
/** Between pages, so that a sweep of a large table does not hold up the calls of functions. */
const PAUSE_MILLISECONDS = 10;

/**
 * Deletes items whose time to live has passed, which dynoxide does not do by itself. DynamoDB takes its time as well
 * (within days, says its guide), so a sweep every minute is prompt.
 */
export class TimeToLive {
  /** What it has deleted lately. */
  readonly expired = new ExpiredItems();
  readonly #upstream: DynamoDbUpstream;
  readonly #tables: Tables;
  readonly #now: () => number;
  /** Epoch seconds at which the next known item expires. */
  #nextExpiry = 0;

  /** @param now epoch milliseconds */
  constructor(upstream: DynamoDbUpstream, tables: Tables, now: () => number) {
    this.#upstream = upstream;
    this.#tables = tables;
    this.#now = now;
  }

  /** Whether a sweep could find anything, given that nothing was written since the last one. */
  get due(): boolean {
    return this.#now() / 1_000 >= this.#nextExpiry;
  }

  /** Goes through every table that has a time to live. @returns how many items were deleted. */
  async sweep(): Promise<number> {
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    let deleted = 0;
    for (const table of await this.#tables.names()) {
      const attribute = await this.#attributeOf(table);
      if (attribute !== undefined) deleted += await this.#sweepTable(table, attribute);
    }
    return deleted;
  }

  async #attributeOf(table: string): Promise<string | undefined> {
    const { TimeToLiveDescription: description } = await this.#upstream.call("DescribeTimeToLive", { TableName: table });
    if (!isRecord(description) || description["TimeToLiveStatus"] !== "ENABLED") return undefined;
    return typeof description["AttributeName"] === "string" ? description["AttributeName"] : undefined;
  }

  async #sweepTable(table: string, attribute: string): Promise<number> {
    const keyNames = await this.#tables.keyNames(table);
    const names = [...keyNames, attribute];
    let deleted = 0;
    let start: unknown;
    do {
      const page = await this.#upstream.call("Scan", {
        TableName: table,
        Limit: PAGE_ITEMS,
        ProjectionExpression: names.map((_, index) => `#n${index}`).join(", "),
        ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      for (const item of itemsOf(page)) deleted += await this.#deleteIfExpired(table, attribute, keyNames, item);
      start = page["LastEvaluatedKey"];
      if (start !== undefined) await delay(PAUSE_MILLISECONDS);
    } while (start !== undefined);
    return deleted;
  }

  async #deleteIfExpired(
    table: string,
    attribute: string,
    keyNames: readonly string[],
    item: Record<string, unknown>,
  ): Promise<number> {
    const value = item[attribute];
    // Only a number counts: DynamoDB leaves items with any other type alone.
    if (!isRecord(value) || typeof value["N"] !== "string") return 0;
    const expiry = Number(value["N"]);
    if (expiry > this.#now() / 1_000) {
      this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
      return 0;
    }
    const key = Object.fromEntries(keyNames.map((name) => [name, item[name]]));
    try {
      // Before it is gone: whoever reads the stream may be quick.
      this.expired.add(table, key);
      await this.#upstream.call("DeleteItem", {
        TableName: table,
        Key: key,
        ConditionExpression: "#ttl = :seen",
        ExpressionAttributeNames: { "#ttl": attribute },
        ExpressionAttributeValues: { ":seen": value },
      });
      return 1;
    } catch {
      // Written again since it was read: it lives on.
      return 0;
    }
  }
}

function itemsOf(page: Record<string, unknown>): Record<string, unknown>[] {
  const items = page["Items"];
  return Array.isArray(items) ? items.filter(isRecord) : [];
}
