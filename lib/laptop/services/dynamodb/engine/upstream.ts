import { AwsError } from "../../../shared/aws-error.ts";
import { parseObject } from "../../protocols/json-protocol.ts";
import { asText } from "../../../shared/json.ts";
import type { DynamoDbTransport, UpstreamAnswer } from "./transport.ts";
import { WriteSignal } from "../streams/write-signal.ts";

const TABLES = "DynamoDB_20120810.";
const STREAMS = "DynamoDBStreams_20120810.";

/** The DynamoDB that stands behind the gateway, as the cloud itself calls it. */
export class DynamoDbUpstream {
  /** By table; only those that somebody asked for. */
  readonly #writes = new Map<string, WriteSignal>();
  readonly #transport: DynamoDbTransport;

  constructor(transport: DynamoDbTransport) {
    this.#transport = transport;
  }

  /** Passes one call on as it is. `target` is the whole X-Amz-Target. @throws AwsError (503) where nothing answers. */
  async send(target: string, body: Buffer | string): Promise<UpstreamAnswer> {
    const answer = await this.#transport.send(target, body);
    if (this.#writes.size > 0 && !isRead(target.slice(target.indexOf(".") + 1))) this.#noteWrite(body);
    return answer;
  }

  /** Tells of every call that may have changed a table. */
  writesOf(table: string): WriteSignal {
    let signal = this.#writes.get(table);
    if (signal === undefined) this.#writes.set(table, (signal = new WriteSignal()));
    return signal;
  }

  /** Every call names its tables, if only within a statement or an ARN. */
  #noteWrite(body: Buffer | string): void {
    for (const [table, signal] of this.#writes) {
      if (body.includes(table)) signal.record();
    }
  }

  /** One call, JSON in and out. @throws AwsError with DynamoDB's own code where it refuses. */
  call(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.#json(`${TABLES}${operation}`, input);
  }

  /** One call of DynamoDB Streams, as `call`. */
  callStreams(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.#json(`${STREAMS}${operation}`, input);
  }

  async #json(target: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { status, body } = await this.send(target, JSON.stringify(input));
    const output = parseObject(body);
    if (status === 200) return output;
    const type = asText(output["__type"] ?? "InternalServerError");
    throw new AwsError(type.slice(type.indexOf("#") + 1), asText(output["message"] ?? output["Message"] ?? ""), status);
  }

  close(): void {
    this.#transport.close();
  }
}

/** Whether an operation, of tables or of streams, changes nothing. */
export function isRead(operation: string): boolean {
  return /^(Get|BatchGet|TransactGet|Query|Scan|Describe|List)/.test(operation);
}
