import { randomUUID } from "node:crypto";
import { Answer, type Operation, type WireRequest } from "../call.ts";
import { jsonProtocol, parseObject } from "../protocols/json-protocol.ts";
import type { Protocol } from "../service.ts";
import type { UpstreamAnswer } from "./engine/transport.ts";

const CONTENT_TYPE = "application/x-amz-json-1.0";

/** The JSON protocol, whose body is read when something asks for its members: most calls go to the engine as they are. */
export const dynamodbProtocol: Protocol = {
  ...jsonProtocol({ version: "1.0", targetPrefix: "" }),
  read: (request) => new LazyOperation(request),
};

class LazyOperation implements Operation {
  readonly operation: string;
  readonly #body: Buffer;
  #input: Operation["input"] | undefined;

  constructor({ target, body }: WireRequest) {
    this.operation = target.slice(target.indexOf(".") + 1);
    this.#body = body;
  }

  get input(): Operation["input"] {
    return (this.#input ??= parseObject(this.#body));
  }
}

/** The engine's answer, as it is. */
export function passOn({ status, requestId, body }: UpstreamAnswer): Answer {
  return new Answer(status, body, { "content-type": CONTENT_TYPE, "x-amzn-requestid": requestId || randomUUID() });
}
