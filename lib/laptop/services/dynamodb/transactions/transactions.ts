import { hash } from "node:crypto";
import { isRecord } from "../../../shared/json.ts";
import { withPlainTableNames } from "../engine/answers.ts";
import type { UpstreamAnswer } from "../engine/transport.ts";
import type { DynamoDbUpstream } from "../engine/upstream.ts";
import { tableName, type Tables } from "../tables.ts";
import { canonicalJson } from "./canonical-json.ts";
import { ItemLocks, type ItemId } from "./transaction-conflicts.ts";
import { RequestTokens } from "./request-tokens.ts";

const TARGET = "DynamoDB_20120810.TransactWriteItems";

/** TransactWriteItems with what the engine lacks: tokens that stay cheap, and conflicts between transactions. */
export class Transactions {
  readonly #upstream: DynamoDbUpstream;
  readonly #tables: Tables;
  readonly #tokens: RequestTokens;
  readonly #locks = new ItemLocks();

  /** @param now epoch milliseconds */
  constructor(upstream: DynamoDbUpstream, tables: Tables, now: () => number) {
    this.#upstream = upstream;
    this.#tables = tables;
    this.#tokens = new RequestTokens(now);
  }

  /**
   * Runs one transaction.
   *
   * @param body the request as it was sent, its tables named by their names; `input` is what it says
   * @throws AwsError as DynamoDB refuses it; the engine's own refusals are answers
   */
  async write(input: Readonly<Record<string, unknown>>, body: Buffer): Promise<UpstreamAnswer> {
    const { ClientRequestToken: token, ...transaction } = input;
    if (typeof token !== "string") return this.#run(transaction, body);
    const request = canonicalJson(transaction);
    const answered = this.#tokens.begin(token, hash("sha1", request, "base64"));
    if (answered) return answered;
    let answer: UpstreamAnswer | undefined;
    try {
      answer = await this.#run(transaction, withPlainTableNames(request));
      return answer;
    } finally {
      this.#tokens.finish(token, answer);
    }
  }

  async #run(transaction: Record<string, unknown>, body: Buffer | string): Promise<UpstreamAnswer> {
    const actions = transaction["TransactItems"];
    const items = Array.isArray(actions) ? await this.#itemsOf(actions) : [];
    this.#locks.hold(items);
    try {
      return await this.#upstream.send(TARGET, body);
    } finally {
      this.#locks.release(items);
    }
  }

  async #itemsOf(actions: readonly unknown[]): Promise<ItemId[]> {
    const items: ItemId[] = [];
    for (const action of actions) {
      const { table, attributes } = targetOf(action);
      // Awaiting only what is not known keeps the usual transaction free of needless turns of the event loop.
      const keyNames = table === undefined ? [] : (this.#tables.known(table)?.key ?? (await this.#tables.keyNames(table)));
      items.push(itemId(table, keyNames, attributes));
    }
    return items;
  }
}

/** The table and the attributes that hold the key: all of a Put's item, the key of any other action. */
function targetOf(action: unknown): { table?: string; attributes?: Record<string, unknown> } {
  if (!isRecord(action)) return {};
  const put = action["Put"];
  const details = put ?? action["Update"] ?? action["Delete"] ?? action["ConditionCheck"];
  if (!isRecord(details)) return {};
  const { TableName: name, Item: item, Key: key } = details;
  const attributes = put === undefined ? key : item;
  if (typeof name !== "string" || !isRecord(attributes)) return {};
  return { table: tableName(name), attributes };
}

function itemId(table: string | undefined, keyNames: readonly string[], attributes?: Record<string, unknown>): ItemId {
  if (table === undefined || attributes === undefined || keyNames.length === 0) return undefined;
  return JSON.stringify([table, ...keyNames.map((name) => attributes[name])]);
}
