import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { asText } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import type { Output, Protocol, Service } from "../service.ts";
import { dynamodbAccesses } from "./accesses/accesses.ts";
import { Backups } from "./backups.ts";
import { withPlainTableNames } from "./engine/answers.ts";
import { corrected } from "./engine/corrections.ts";
import type { DynamoDbTransport } from "./engine/transport.ts";
import { DynamoDbUpstream, isRead } from "./engine/upstream.ts";
import { refuseForeignExpressions } from "./expressions.ts";
import { dynamodbProtocol, passOn } from "./protocol.ts";
import { transactionConflict, unknownOperation } from "./refusals.ts";
import { ResourcePolicies } from "./resource-policies.ts";
import { dynamodbResources } from "./resources.ts";
import type { RecordSource } from "./streams/stream-records.ts";
import { StreamsApi } from "./streams/streams-api.ts";
import { StreamViews } from "./streams/stream-views.ts";
import { TableStream } from "./streams/table-stream.ts";
import { TableApi } from "./table-api.ts";
import { tableStatus, type TableStatus } from "./table-status.ts";
import { tableName, Tables } from "./tables.ts";
import { Sweeper } from "./time-to-live/sweeper.ts";
import { TimeToLive } from "./time-to-live/time-to-live.ts";
import { Transactions } from "./transactions/transactions.ts";

/** Room for DynamoDB's largest request, 16 MB of a BatchWriteItem. */
const BODY_LIMIT = 16 * 1_024 * 1_024;

/** DynamoDB as the gateway speaks it: an engine, and in front of it what the engine lacks. */
export class DynamoDbService implements Service {
  readonly name = "dynamodb";
  readonly address = { targets: ["DynamoDB_", "DynamoDBStreams_"] };
  readonly bodyLimit = BODY_LIMIT;
  readonly resources: Service["resources"];
  readonly upstream: DynamoDbUpstream;
  readonly #tables: Tables;
  readonly #tableApi: TableApi;
  readonly #transactions: Transactions;
  readonly #timeToLive: TimeToLive;
  readonly #sweeper: Sweeper;
  readonly #backups: Backups;
  readonly #policies: ResourcePolicies;
  readonly #views: StreamViews | undefined;
  readonly #streams: StreamsApi | undefined;

  constructor({ clock, database, iam }: CloudContext, transport: DynamoDbTransport) {
    const upstream = new DynamoDbUpstream(transport);
    this.upstream = upstream;
    this.#tables = new Tables(upstream);
    this.#views = transport.isDynoxide ? new StreamViews(database) : undefined;
    this.#tableApi = new TableApi(upstream, this.#tables, this.#views);
    this.#transactions = new Transactions(upstream, this.#tables, clock.now);
    this.#timeToLive = new TimeToLive(upstream, this.#tables, clock.now);
    this.#sweeper = new Sweeper(this.#timeToLive, clock);
    this.#backups = new Backups(this.#tables, clock.now);
    this.#policies = new ResourcePolicies(iam.policies, this.#tables, database);
    this.#streams =
      this.#views &&
      new StreamsApi({ upstream, tables: this.#tables, views: this.#views, source: this.#recordsOf, now: clock.now });
    this.resources = dynamodbResources({ upstream, tables: this.#tableApi, backups: this.#backups, policies: iam.policies });
  }

  protocol(): Protocol {
    return dynamodbProtocol;
  }

  async handle(call: Call): Promise<Output> {
    const { operation, request } = call;
    const body = withPlainTableNames(request.body);
    refuseForeignExpressions(body);
    if (!isRead(operation)) this.#sweeper.noteWrite();
    if (operation === "TransactWriteItems") return passOn(await this.#transactions.write(call.input, body));
    if (TableApi.has(operation)) return this.#tableApi.run(operation, call.input);
    if (this.#streams && StreamsApi.has(operation)) return this.#streams.run(operation, call.input);
    if (operation.endsWith("ContinuousBackups")) return this.#backups.run(operation, call.input);
    if (ResourcePolicies.has(operation)) return this.#policies.run(operation, call.input);
    const answer = corrected(operation, await this.upstream.send(request.target, body), () => call.input);
    if (answer.status === 400 && answer.body.includes("UnknownOperationException")) throw unknownOperation(operation);
    if (/^(Tag|Untag)Resource$/.test(operation)) await this.#tables.refresh(tableName(asText(call.input["ResourceArn"])));
    return passOn(answer);
  }

  accesses({ operation, input }: Call): readonly Access[] {
    return dynamodbAccesses(operation, input, this.#tables);
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDeniedException", refusalMessage(refused));
  }

  throttled(message: string): AwsError {
    return new AwsError("ProvisionedThroughputExceededException", message);
  }

  /** The cancellation of a transaction; a call that is not one meets no other. */
  conflicted({ operation, input }: Call, message: string): AwsError | undefined {
    const { TransactItems: actions } = input;
    if (operation !== "TransactWriteItems" || !Array.isArray(actions) || actions.length === 0) return undefined;
    return transactionConflict(actions.map(() => message));
  }

  async start(): Promise<void> {
    this.#sweeper.start();
    // IAM decides by keys and tags at once, without waiting for the engine.
    await this.#tables.refreshAll().catch(() => {});
  }

  async status(): Promise<{ tables: readonly TableStatus[] }> {
    return { tables: await tableStatus(this.upstream) };
  }

  /** The stream of a table. */
  stream(table: string): TableStream {
    return new TableStream(table, this.upstream, () => this.#recordsOf(table));
  }

  stop(): void {
    this.#sweeper.stop();
    this.upstream.close();
  }

  readonly #recordsOf = (table: string): RecordSource => ({
    table,
    view: this.#views?.of(table),
    isExpiry: (name, key) => this.#timeToLive.expired.has(name, key),
  });
}
