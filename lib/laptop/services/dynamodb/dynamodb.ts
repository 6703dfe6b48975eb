import { randomUUID } from "node:crypto";
import { AwsError } from "../../shared/aws-error.ts";
import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { Answer, type Call, type WireRequest } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { jsonProtocol, parseObject } from "../protocols/json-protocol.ts";
import type { Output, Protocol, Service } from "../service.ts";
import { dynamodbAccess } from "./accesses.ts";
import { dynamodbResources } from "./resources.ts";
import { tableStatus, type TableStatus } from "./table-status.ts";
import { isRecord } from "../../shared/json.ts";
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
export class DynamoDbService implements Service {
  readonly name = "dynamodb";
  readonly address = { targets: ["DynamoDB_", "DynamoDBStreams_"] };
  readonly bodyLimit = BODY_LIMIT;
  readonly resources: Service["resources"];
  readonly upstream: DynamoDbUpstream;
  /** Deletes expired items; runs by itself once a minute, when there was anything to do. */
  readonly timeToLive: TimeToLive;
  readonly #schemas: KeySchemas;
  readonly #transactions: Transactions;
  readonly #pointInTimeRecovery = new Set<string>();
  readonly #sweeper: NodeJS.Timeout;
  #writtenSinceSweep = true;

  constructor({ iam }: CloudContext, transport: DynamoDbTransport) {
    this.resources = dynamodbResources(this, iam.policies);
    this.upstream = new DynamoDbUpstream(transport);
    this.#schemas = new KeySchemas(this.upstream);
    this.#transactions = new Transactions(this.upstream, this.#schemas);
    this.timeToLive = new TimeToLive(this.upstream, this.#schemas);
    this.#sweeper = setInterval(() => void this.#sweepIfDue(), SWEEP_INTERVAL_MILLISECONDS).unref();
  }

  protocol(): Protocol {
    return PROTOCOL;
  }

  async handle({ operation, request }: Call): Promise<Output> {
    const body = withPlainTableNames(request.body);
    refuseForeignExpressions(body);
    if (operation === "TransactWriteItems") {
      this.#writtenSinceSweep = true;
      return answer(await this.#transactions.write(body));
    }
    if (operation.endsWith("ContinuousBackups")) return this.#backups(operation, body);
    if (CHANGES_TABLES.has(operation)) this.#schemas.forget();
    if (!isRead(operation)) this.#writtenSinceSweep = true;
    if (operation === "GetRecords") return this.#getRecords(body);
    const answered = await this.upstream.send(request.target, body);
    if (answered.status === 400 && answered.body.includes("UnknownOperationException")) throw unknownOperation(operation);
    return answer(NAMES_ARNS.test(operation) ? { ...answered, body: asOnAws(answered.body) } : answered);
  }

  accesses(call: Call): readonly Access[] {
    return dynamodbAccess(call);
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDeniedException", refusalMessage(refused));
  }

  throttled(message: string): AwsError {
    return new AwsError("ProvisionedThroughputExceededException", message);
  }

  /** The cancellation of a transaction; a call that is not one meets no other. */
  conflicted({ input }: Call, message: string): AwsError | undefined {
    const actions = input["TransactItems"];
    if (!Array.isArray(actions) || actions.length === 0) return undefined;
    const reasons = actions.map(() => ({ Code: "TransactionConflict", Message: message }));
    const codes = reasons.map(({ Code }) => Code).join(", ");
    const cancelled = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
    return new AwsError("TransactionCanceledException", cancelled, 400, { CancellationReasons: reasons });
  }

  async status(): Promise<{ tables: readonly TableStatus[] }> {
    return { tables: await tableStatus(this.upstream) };
  }

  /** The stream of a table. */
  stream(table: string): TableStream {
    return new TableStream(table, this.upstream, this.#isExpiry);
  }

  /** Says that a table can be restored to any second, as its template asks. Nothing is backed up here. */
  enablePointInTimeRecovery(table: string): void {
    this.#pointInTimeRecovery.add(table);
  }

  stop(): void {
    clearInterval(this.#sweeper);
    this.upstream.close();
  }

  readonly #isExpiry = (table: string, key: unknown): boolean => this.timeToLive.expired.has(table, key);

  async #getRecords(body: Buffer): Promise<Output> {
    const input = parseObject(body);
    const answered = await this.upstream.callStreams("GetRecords", input);
    return { ...answered, Records: streamRecords(answered["Records"], tableOf(input["ShardIterator"]), this.#isExpiry) };
  }

  async #backups(operation: string, body: Buffer): Promise<Output> {
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

function unknownOperation(operation: string): AwsError {
  return new AwsError("UnknownOperationException", `The laptop cloud's DynamoDB engine has no ${operation}.`);
}

function answer({ status, requestId, body }: UpstreamAnswer): Answer {
  return new Answer(status, body, { "content-type": JSON_TYPE, "x-amzn-requestid": requestId || randomUUID() });
}

const JSON_API = jsonProtocol({ version: "1.0", targetPrefix: "" });

/** The body is read when something asks for its members: most calls go to the engine as they are. */
const PROTOCOL: Protocol = {
  ...JSON_API,
  read: ({ target, body }: WireRequest) => {
    let input: Call["input"] | undefined;
    return {
      operation: target.slice(target.indexOf(".") + 1),
      get input() {
        return (input ??= parseObject(body));
      },
    };
  },
};
