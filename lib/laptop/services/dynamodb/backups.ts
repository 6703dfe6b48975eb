import { AwsError } from "../../shared/aws-error.ts";
import { isRecord } from "../../shared/json.ts";
import { tableName, type Tables } from "./tables.ts";

/** How far back a table can be restored, in seconds: 35 days (developer guide, "Point-in-time recovery"). */
const KEPT_SECONDS = 35 * 24 * 60 * 60;

/** What continuous backups say of each table. Nothing is backed up here. */
export class Backups {
  readonly #tables: Tables;
  readonly #now: () => number;
  /** Since when each table can be restored to any second, in epoch seconds. */
  readonly #since = new Map<string, number>();

  constructor(tables: Tables, now: () => number) {
    this.#tables = tables;
    this.#now = now;
  }

  /** Says that a table can be restored to any second. */
  enablePointInTimeRecovery(table: string): void {
    if (!this.#since.has(table)) this.#since.set(table, this.#seconds());
  }

  /** UpdateContinuousBackups or DescribeContinuousBackups. @throws AwsError as DynamoDB refuses */
  async run(operation: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const { TableName: name, PointInTimeRecoverySpecification: specification } = input;
    if (typeof name !== "string") throw new AwsError("ValidationException", "TableName is missing.");
    const table = tableName(name);
    if ((await this.#tables.keyNames(table)).length === 0)
      throw new AwsError("TableNotFoundException", `Table not found: ${table}`);
    if (operation === "UpdateContinuousBackups" && isRecord(specification)) {
      if (specification["PointInTimeRecoveryEnabled"] === true) this.enablePointInTimeRecovery(table);
      else this.#since.delete(table);
    }
    return {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: "ENABLED",
        PointInTimeRecoveryDescription: this.#recovery(this.#since.get(table)),
      },
    };
  }

  #recovery(since: number | undefined): Record<string, unknown> {
    if (since === undefined) return { PointInTimeRecoveryStatus: "DISABLED" };
    return {
      PointInTimeRecoveryStatus: "ENABLED",
      EarliestRestorableDateTime: Math.max(since, this.#seconds() - KEPT_SECONDS),
      LatestRestorableDateTime: this.#seconds(),
    };
  }

  #seconds(): number {
    return Math.trunc(this.#now() / 1_000);
  }
}
