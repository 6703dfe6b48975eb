import { randomUUID } from "node:crypto";
import { AwsError } from "../../shared/aws-error.ts";
import { isRecord } from "../../shared/json.ts";
import { Answer, type Operation, type WireRequest } from "../call.ts";
import type { Protocol } from "../service.ts";
import { faultOf, type QueryError } from "./query-protocol.ts";
import { commonFaults, type InputFaults, readInput } from "./read-input.ts";
import type { Action } from "./shape.ts";

/** An API that speaks the JSON protocol: the action is in X-Amz-Target, the input in the body. */
export interface JsonApi {
  readonly version: "1.0" | "1.1";
  /** What stands before the action in X-Amz-Target: `AmazonSQS.` */
  readonly targetPrefix: string;
  /** What this protocol calls the type of an error: `com.amazonaws.sqs#QueueDoesNotExist`. @default - its code */
  readonly errorType?: (code: string) => string;
  /** By the API's names. @default - any action, its input taken as it was sent */
  readonly actions?: ReadonlyMap<string, Action>;
  /** How the Query protocol puts an error, for programs that rely on its code (`x-amzn-query-error`). @default - it never spoke that */
  readonly queryError?: (error: AwsError) => QueryError;
  /** @default commonFaults */
  readonly faults?: InputFaults;
}

export function jsonProtocol(api: JsonApi): Protocol {
  const { targetPrefix, actions, faults = commonFaults, errorType, queryError } = api;
  const contentType = `application/x-amz-json-${api.version}`;
  const write = (status: number, value: object, headers: Record<string, string> = {}): Answer =>
    new Answer(status, JSON.stringify(value), { "content-type": contentType, "x-amzn-requestid": randomUUID(), ...headers });
  return {
    read({ target, body }: WireRequest): Operation {
      const operation = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : "";
      const action = actions?.get(operation);
      if (operation === "" || (actions && !action)) throw new AwsError("UnknownOperationException", "", 400);
      const input = parseObject(body);
      return { operation, input: action ? readInput(action.input, input, faults) : input };
    },
    answer: (_operation, output) => write(200, output),
    refuse: (error) => {
      const { code, message, status, members } = error;
      const body = { __type: errorType?.(code) ?? code, message, ...members };
      return write(status, body, queryError && { "x-amzn-query-error": `${queryError(error).code};${faultOf(status)}` });
    },
  };
}

/** A body as a JSON object; an empty one stands for an object without members. @throws AwsError SerializationException */
export function parseObject(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString());
    if (isRecord(value)) return value;
  } catch {
    // Refused below, as any other body that is not an object.
  }
  throw new AwsError("SerializationException", "The request body is not a JSON object.");
}
