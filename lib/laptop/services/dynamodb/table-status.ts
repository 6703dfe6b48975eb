import { isRecord } from "../../shared/json.ts";
import type { DynamoDbUpstream } from "./engine/upstream.ts";

export interface TableStatus {
  readonly name: string;
  readonly items: number;
}

/** All tables with their sizes. */
export async function tableStatus(upstream: DynamoDbUpstream): Promise<TableStatus[]> {
  const { TableNames: names } = await upstream.call("ListTables", {});
  const tables = Array.isArray(names) ? names.map(String) : [];
  return Promise.all(
    tables.map(async (name) => {
      const { Table: table } = await upstream.call("DescribeTable", { TableName: name });
      return { name, items: isRecord(table) ? Number(table["ItemCount"] ?? 0) : 0 };
    }),
  );
}
