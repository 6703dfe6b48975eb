import { AwsError, parseObject } from "../http.ts";
import { asText } from "../json.ts";
import type { DynamoDbTransport, UpstreamAnswer } from "./dynamodb-transport.ts";

/** The DynamoDB that stands behind the gateway, as the cloud itself calls it. */
export class DynamoDbUpstream {
  readonly #transport: DynamoDbTransport;

  constructor(transport: DynamoDbTransport) {
    this.#transport = transport;
  }

  /** Passes one call on as it is. `target` is the whole X-Amz-Target. @throws AwsError (503) where nothing answers. */
  send(target: string, body: Buffer | string): Promise<UpstreamAnswer> {
    return this.#transport.send(target, body);
  }

  /** One call, JSON in and out. @throws AwsError with DynamoDB's own code where it refuses. */
  async call(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { status, body } = await this.send(`DynamoDB_20120810.${operation}`, JSON.stringify(input));
    const output = parseObject(body);
    if (status === 200) return output;
    const type = asText(output["__type"] ?? "InternalServerError");
    throw new AwsError(type.slice(type.indexOf("#") + 1), asText(output["message"] ?? output["Message"] ?? ""), status);
  }

  close(): void {
    this.#transport.close();
  }
}
