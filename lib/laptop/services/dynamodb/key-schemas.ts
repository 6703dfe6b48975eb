import { isRecord } from "../../shared/json.ts";
import type { DynamoDbUpstream } from "./engine/upstream.ts";

/** The names of each table's key attributes, asked for once. */
export class KeySchemas {
  readonly #upstream: DynamoDbUpstream;
  readonly #known = new Map<string, readonly string[]>();

  constructor(upstream: DynamoDbUpstream) {
    this.#upstream = upstream;
  }

  /** What is known already, without asking the engine. */
  known(table: string): readonly string[] | undefined {
    return this.#known.get(table);
  }

  /** Partition key first; none for a table that does not exist. */
  async keyNames(table: string): Promise<readonly string[]> {
    const known = this.#known.get(table);
    if (known) return known;
    const described = await this.#upstream.call("DescribeTable", { TableName: table }).catch(() => ({}));
    const names = keyNamesOf(described);
    if (names.length > 0) this.#known.set(table, names);
    return names;
  }

  /** Tables were created or deleted. */
  forget(): void {
    this.#known.clear();
  }
}

function keyNamesOf(description: Record<string, unknown>): string[] {
  const table = description["Table"];
  const schema = isRecord(table) ? table["KeySchema"] : undefined;
  if (!Array.isArray(schema)) return [];
  return schema.flatMap((key: unknown) =>
    isRecord(key) && typeof key["AttributeName"] === "string" ? [key["AttributeName"]] : [],
  );
}
