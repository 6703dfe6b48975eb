import { syncBuiltinESMExports } from "node:module";
import type { MessagePort } from "node:worker_threads";
import { Link } from "./link.ts";
import { LinkRequest, type RequestOptions } from "./request.ts";

// An import would load the code of fetch: see lazy-http.ts.
const http = process.getBuiltinModule("node:http");

/** The header that every SDK of AWS puts on its calls. */
const SDK_HEADER = "amz-sdk-invocation-id";

/**
 * Sends the calls that AWS's SDK makes to the gateway over a message port instead of a socket: for a laptop's cores, HTTP between two
 * threads of one process is the larger part of a call. All other requests, and those to other hosts, go their way. See
 * docs/decisions/calls-without-a-socket.md.
 *
 * @param endpoint the gateway's address: `http://127.0.0.1:4566`
 */
export function linkToGateway(port: MessagePort, endpoint: string): void {
  const link = new Link(port);
  const gateway = new URL(endpoint);
  const request = http.request.bind(http);
  const linked = (...given: unknown[]): unknown => {
    const [options, onResponse] = given;
    const headers = isOptions(options) && isTo(gateway, options) ? sdkHeaders(options.headers) : undefined;
    // oxlint-disable-next-line typescript/no-unsafe-argument, typescript/no-unsafe-type-assertion -- handed on as they came
    if (headers === undefined || !isOptions(options)) return request(...(given as Parameters<typeof http.request>));
    const call = new LinkRequest(link, options, headers);
    if (isListener(onResponse)) call.once("response", onResponse);
    return call;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a LinkRequest is what the SDK needs of a ClientRequest
  http.request = linked as typeof http.request;
  syncBuiltinESMExports();
}

function isOptions(value: unknown): value is RequestOptions {
  return typeof value === "object" && value !== null && !(value instanceof URL);
}

function isListener(value: unknown): value is (response: unknown) => void {
  return typeof value === "function";
}

function isTo({ hostname, port }: URL, options: RequestOptions): boolean {
  return String(options.port) === port && (options.hostname ?? options.host) === hostname;
}

/** The headers by name in lower case, where an SDK has made the request. */
function sdkHeaders(given: unknown): Record<string, string> | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value);
  return SDK_HEADER in headers ? headers : undefined;
}
