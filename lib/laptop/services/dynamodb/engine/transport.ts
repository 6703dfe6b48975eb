import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { AwsError } from "../../../shared/aws-error.ts";

/** Calls at once; what comes beyond waits for one of them. */
export const CONNECTIONS = 64;

/** The way to a DynamoDB. */
export interface DynamoDbTransport {
  /** Whether it leads to dynoxide, in front of which the cloud does what it lacks; any other DynamoDB is taken as it is. */
  readonly isDynoxide: boolean;
  /** Passes one call on. `target` is the whole X-Amz-Target. @throws AwsError (503) where nothing answers. */
  send(target: string, body: Buffer | string): Promise<UpstreamAnswer>;
  close(): void;
}

/** What DynamoDB answered. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Empty where it gave none. */
  readonly requestId: string;
  readonly body: Buffer;
}

/** Headers of every call. Emulators look for a signature and check none; the date is there for the same reason. */
export const CALL_HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20260101T000000Z",
  authorization:
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local",
} as const;

/** The refusal of a call that could not be passed on. */
export function unreachable(reason: string): AwsError {
  return new AwsError("ServiceUnavailable", `The DynamoDB engine does not answer: ${reason}`, 503);
}

/** To any endpoint, by Node's own HTTP client. */
export class HttpTransport implements DynamoDbTransport {
  readonly isDynoxide = false;
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;

  constructor(endpoint: string) {
    this.#url = new URL(endpoint);
    const secure = this.#url.protocol === "https:";
    this.#request = secure ? httpsRequest : httpRequest;
    const options = { keepAlive: true, maxSockets: CONNECTIONS };
    this.#agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  send(target: string, body: Buffer | string): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(unreachable(error.message));
      const headers = { ...CALL_HEADERS, "x-amz-target": target, "content-length": Buffer.byteLength(body) };
      const request = this.#request(this.#url, { agent: this.#agent, method: "POST", headers }, (response) => {
        collect(response).then(resolve, fail);
      });
      request.on("error", fail);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function collect(response: IncomingMessage): Promise<UpstreamAnswer> {
  const body = await buffer(response);
  const requestId = response.headers["x-amzn-requestid"];
  return {
    status: response.statusCode ?? 502,
    requestId: typeof requestId === "string" ? requestId : "",
    body,
  };
}
