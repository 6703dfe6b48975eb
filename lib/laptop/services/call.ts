import type { IncomingHttpHeaders } from "node:http";
import type { Principal } from "../iam/evaluator/principal.ts";

/** An HTTP request whose body has been read. */
export interface WireRequest {
  readonly method: string;
  /** As it was sent: percent-encoded, without the query. */
  readonly path: string;
  /** What follows the question mark, as it was sent; empty where there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** X-Amz-Target: `DynamoDB_20120810.GetItem`; empty where there is none. */
  readonly target: string;
  /** The service that the signature names: `sqs`; undefined where the request is not signed. */
  readonly signedFor: string | undefined;
}

/** What a request asks for. */
export interface Operation {
  /** By the API's own name: `SendMessage`. Empty where the request names none that the service has. */
  readonly operation: string;
  /** The members of the input, as the JSON form of the API has them. A getter may read them on first use. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** A call of an AWS API: read once, and then taken by IAM, chaos and the service alike. */
export interface Call extends Operation {
  /** The service's name: `sqs`. */
  readonly service: string;
  readonly caller: Principal;
  /** Where the call came from; REST services read paths and headers here. */
  readonly request: WireRequest;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** An answer as it goes to the caller. Content-Length is added by the gateway. */
export class Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | string;

  constructor(status: number, body: Buffer | string = "", headers: Readonly<Record<string, string | string[]>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}
