import { isRecord } from "../../shared/json.ts";
import type { DynamoDbUpstream } from "./engine/upstream.ts";

/** What is known of a table without asking the engine again. */
export interface KnownTable {
  /** The names of its key attributes, partition key first. */
  readonly key: readonly string[];
  /** The same of each index. */
  readonly indexes: ReadonlyMap<string, readonly string[]>;
  readonly tags: ReadonlyMap<string, string>;
}

/** The keys, indexes and tags of the tables, asked for once. */
export class Tables {
  readonly #upstream: DynamoDbUpstream;
  readonly #known = new Map<string, KnownTable>();

  constructor(upstream: DynamoDbUpstream) {
    this.#upstream = upstream;
  }

  /** What is known already, without asking the engine. */
  known(table: string): KnownTable | undefined {
    return this.#known.get(table);
  }

  /** The names of a table's key attributes, partition key first; none for a table that does not exist. */
  async keyNames(table: string): Promise<readonly string[]> {
    return (this.#known.get(table) ?? (await this.refresh(table)))?.key ?? [];
  }

  /** Asks anew: the table was created, changed or deleted, or its tags were. */
  async refresh(table: string): Promise<KnownTable | undefined> {
    const known = await this.#ask(table).catch(() => undefined);
    if (known === undefined) this.#known.delete(table);
    else this.#known.set(table, known);
    return known;
  }

  /** Gets to know every table that the engine has kept. */
  async refreshAll(): Promise<void> {
    for (const table of await this.names()) await this.refresh(table);
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    let start: unknown;
    do {
      const page = await this.#upstream.call("ListTables", start === undefined ? {} : { ExclusiveStartTableName: start });
      const found: unknown[] = Array.isArray(page["TableNames"]) ? page["TableNames"] : [];
      names.push(...found.filter((name) => typeof name === "string"));
      start = page["LastEvaluatedTableName"];
    } while (start !== undefined);
    return names;
  }

  async #ask(table: string): Promise<KnownTable | undefined> {
    const { Table: description } = await this.#upstream.call("DescribeTable", { TableName: table });
    if (!isRecord(description)) return undefined;
    const indexes = [...listOf(description["GlobalSecondaryIndexes"]), ...listOf(description["LocalSecondaryIndexes"])];
    return {
      key: keyOf(description["KeySchema"]),
      indexes: new Map(indexes.map((index) => [String(index["IndexName"]), keyOf(index["KeySchema"])])),
      tags: await this.#tagsOf(description["TableArn"]),
    };
  }

  async #tagsOf(arn: unknown): Promise<Map<string, string>> {
    // Another DynamoDB may not have tags.
    const { Tags: tags } = await this.#upstream
      .call("ListTagsOfResource", { ResourceArn: arn })
      .catch((): Record<string, unknown> => ({}));
    return new Map(listOf(tags).map((tag) => [String(tag["Key"]), String(tag["Value"])]));
  }
}

/** A table named by its ARN, or by that of one of its indexes or streams, by its name. */
export function tableName(nameOrArn: string): string {
  return nameOrArn.startsWith("arn:") ? (nameOrArn.split("/")[1] ?? "") : nameOrArn;
}

function keyOf(schema: unknown): string[] {
  const keys = listOf(schema).toSorted((a, b) => Number(a["KeyType"] === "RANGE") - Number(b["KeyType"] === "RANGE"));
  return keys.map((key) => String(key["AttributeName"]));
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
