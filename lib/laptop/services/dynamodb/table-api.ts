import { isRecord } from "../../shared/json.ts";
import { asOnAws } from "./engine/answers.ts";
import type { DynamoDbUpstream } from "./engine/upstream.ts";
import { type StreamViews, viewAskedIn, widened } from "./streams/stream-views.ts";
import { tableName, type Tables } from "./tables.ts";

type Input = Readonly<Record<string, unknown>>;

/** Creates, changes, describes and deletes tables, for callers and for templates alike. */
export class TableApi {
  readonly #upstream: DynamoDbUpstream;
  readonly #tables: Tables;
  readonly #views: StreamViews | undefined;

  /** @param views of an engine that does not know which writes change nothing */
  constructor(upstream: DynamoDbUpstream, tables: Tables, views: StreamViews | undefined) {
    this.#upstream = upstream;
    this.#tables = tables;
    this.#views = views;
  }

  /** Whether an operation is one of these. */
  static has(operation: string): boolean {
    return /^(Create|Update|Delete|Describe)Table$/.test(operation);
  }

  /** @throws AwsError as DynamoDB refuses */
  async run(operation: string, input: Input): Promise<Record<string, unknown>> {
    const table = typeof input["TableName"] === "string" ? tableName(input["TableName"]) : "";
    const named = table === "" ? input : { ...input, TableName: table };
    const output = await this.#upstream.call(operation, this.#views ? widened(named) : { ...named });
    if (operation !== "DescribeTable") {
      if (operation === "DeleteTable" || input["StreamSpecification"] !== undefined)
        this.#views?.set(table, operation === "DeleteTable" ? undefined : viewAskedIn(input));
      await this.#tables.refresh(table);
    }
    return this.#described(table, output);
  }

  /** What CreateTable, UpdateTable or DescribeTable say of a table. @throws AwsError as DynamoDB refuses */
  async describe(operation: string, input: Input): Promise<Record<string, unknown>> {
    const { Table: found, TableDescription: changed } = await this.run(operation, input);
    const description = found ?? changed;
    return isRecord(description) ? description : {};
  }

  #described(table: string, output: Record<string, unknown>): Record<string, unknown> {
    const members = Object.entries(asOnAws(output)).map(([member, description]): [string, unknown] => {
      if (!isRecord(description)) return [member, description];
      const { StreamSpecification: stream } = description;
      const view = isRecord(stream) && stream["StreamEnabled"] === true ? this.#views?.of(table) : undefined;
      const specification = view && { StreamSpecification: { StreamEnabled: true, StreamViewType: view } };
      return [member, { DeletionProtectionEnabled: false, ...description, ...specification }];
    });
    return Object.fromEntries(members);
  }
}
