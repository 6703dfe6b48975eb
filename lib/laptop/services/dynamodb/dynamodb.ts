import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../../shared/aws-error.ts";
import { parseObject, readBody, sendJson } from "../../gateway/http.ts";
import { isRecord } from "../../shared/json.ts";
import { arn } from "../../shared/account.ts";
import type { DynamoDbTransport, UpstreamAnswer } from "./engine/transport.ts";
import { DynamoDbUpstream, isRead } from "./engine/upstream.ts";
import { asOnAws, withPlainTableNames } from "./engine/arns.ts";
import { refuseForeignExpressions } from "./expressions.ts";
import { KeySchemas } from "./key-schemas.ts";
import { streamRecords, tableOf, TableStream } from "./streams/table-stream.ts";
import { TimeToLive } from "./time-to-live/time-to-live.ts";
import { Transactions } from "./transactions/transactions.ts";

/** Room for DynamoDB's largest request, 16 MB of a BatchWriteItem. */
const BODY_LIMIT = 16 * 1_024 * 1_024;
const JSON_TYPE = "application/x-amz-json-1.0";
const SWEEP_INTERVAL_MILLISECONDS = 60_000;
/** Operations whose answers name tables, indexes or streams by their ARNs. */
const NAMES_ARNS = /(Table|Stream|Streams)$/;
const CHANGES_TABLES = new Set(["CreateTable", "DeleteTable", "UpdateTable"]);

/** DynamoDB as the gateway speaks it: an engine, and in front of it what the engine lacks. */
export class DynamoDbService {
  readonly upstream: DynamoDbUpstream;
  /** Deletes expired items; runs by itself once a minute, when there was anything to do. */
  readonly timeToLive: TimeToLive;
  readonly #schemas: KeySchemas;
  readonly #transactions: Transactions;
  readonly #pointInTimeRecovery = new Set<string>();
  readonly #sweeper: NodeJS.Timeout;
  #writtenSinceSweep = true;

  constructor(transport: DynamoDbTransport) {
    this.upstream = new DynamoDbUpstream(transport);
    this.#schemas = new KeySchemas(this.upstream);
    this.#transactions = new Transactions(this.upstream, this.#schemas);
    this.timeToLive = new TimeToLive(this.upstream, this.#schemas);
    this.#sweeper = setInterval(() => void this.#sweepIfDue(), SWEEP_INTERVAL_MILLISECONDS).unref();
  }

  /** Answers one call; `target` is its X-Amz-Target. */
  async handle(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const body = withPlainTableNames(await readBody(request, BODY_LIMIT));
    refuseForeignExpressions(body);
    const operation = target.slice(target.indexOf(".") + 1);
    if (operation === "TransactWriteItems") {
      this.#writtenSinceSweep = true;
      return answer(response, await this.#transactions.write(body));
    }
    if (operation.endsWith("ContinuousBackups"))
      return sendJson(response, 200, await this.#backups(operation, body), JSON_TYPE);
    if (CHANGES_TABLES.has(operation)) this.#schemas.forget();
    if (!isRead(operation)) this.#writtenSinceSweep = true;
    if (operation === "GetRecords") return sendJson(response, 200, await this.#getRecords(body), JSON_TYPE);
    const answered = await this.upstream.send(target, body);
    if (answered.status === 400 && answered.body.includes("UnknownOperationException")) throw unknownOperation(operation);
    answer(response, NAMES_ARNS.test(operation) ? { ...answered, body: asOnAws(answered.body) } : answered);
  }

  /** The stream of a table. */
  stream(table: string): TableStream {
    return new TableStream(table, this.upstream, this.#isExpiry);
  }

  /** Says that a table can be restored to any second, as its template asks. Nothing is backed up here. */
  enablePointInTimeRecovery(table: string): void {
    this.#pointInTimeRecovery.add(table);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.upstream.close();
  }

  readonly #isExpiry = (table: string, key: unknown): boolean => this.timeToLive.expired.has(table, key);

  async #getRecords(body: Buffer): Promise<unknown> {
    const input = parseObject(body);
    const answered = await this.upstream.callStreams("GetRecords", input);
    return { ...answered, Records: streamRecords(answered["Records"], tableOf(input["ShardIterator"]), this.#isExpiry) };
  }

  async #backups(operation: string, body: Buffer): Promise<unknown> {
    const { TableName: table, PointInTimeRecoverySpecification: specification } = parseObject(body);
    if (typeof table !== "string") throw new AwsError("ValidationException", "TableName is missing.");
    if ((await this.#schemas.keyNames(table)).length === 0) {
      throw new AwsError("TableNotFoundException", `Table not found: ${table}`);
    }
    if (operation === "UpdateContinuousBackups" && isRecord(specification)) {
      if (specification["PointInTimeRecoveryEnabled"] === true) this.#pointInTimeRecovery.add(table);
      else this.#pointInTimeRecovery.delete(table);
    }
    const status = this.#pointInTimeRecovery.has(table) ? "ENABLED" : "DISABLED";
    return {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: "ENABLED",
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
      },
    };
  }

  async #sweepIfDue(): Promise<void> {
    if (!this.#writtenSinceSweep && !this.timeToLive.due) return;
    this.#writtenSinceSweep = false;
    // The next minute brings another sweep; a dead engine is reported by the cloud itself.
    await this.timeToLive.sweep().catch(() => (this.#writtenSinceSweep = true));
  }
}

/** A table's ARN in this account; the engine's own answers name another region. */
export function tableArn(table: string): string {
  return arn("dynamodb", `table/${table}`);
}

function unknownOperation(operation: string): AwsError {
  return new AwsError("UnknownOperationException", `The laptop cloud's DynamoDB engine has no ${operation}.`);
}

function answer(response: ServerResponse, { status, requestId, body }: UpstreamAnswer): void {
  response.writeHead(status, {
    "content-type": JSON_TYPE,
    "content-length": body.length,
    "x-amzn-requestid": requestId || randomUUID(),
  });
  response.end(body);
}
