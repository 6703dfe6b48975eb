import { randomUUID } from "node:crypto";
import { Answer, type Operation, type WireRequest } from "../call.ts";
import type { Protocol } from "../service.ts";

/** A REST API with JSON bodies: method and path name the operation. `read` finds it. */
export function restJsonProtocol(read: (request: WireRequest) => Operation): Protocol {
  const write = (status: number, body: object, headers: Record<string, string> = {}) =>
    new Answer(status, JSON.stringify(body), {
      "content-type": "application/json",
      "x-amzn-requestid": randomUUID(),
      ...headers,
    });
  return {
    read,
    answer: (_operation, output) => write(200, output),
    refuse: ({ code, message, status, members }) =>
      write(status, { __type: code, message, ...members }, { "x-amzn-errortype": code }),
  };
}
