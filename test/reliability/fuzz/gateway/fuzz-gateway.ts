import * as fc from "fast-check";
import { brokenHttp } from "./broken-http.ts";
import { type Answer, Caller, sendBytes } from "./exchange.ts";
import { type FuzzedRequest, request } from "./requests.ts";

/** Requests under way at a time. */
const AT_ONCE = 10;

/** How many requests, out of which numbers. */
export interface GatewayFuzzOptions {
  /** The gateway's address. */
  readonly endpoint: string;
  readonly requests: number;
  readonly seed: number;
  /** Repeats one failure that an earlier run has found. */
  readonly path?: string;
}

/** What was answered: how many requests with each status; those whose connection was just closed are under 0. */
export type GatewayFuzzReport = ReadonlyMap<number, number>;

/**
 * Sends malformed requests to a gateway, four in five of them well-formed HTTP.
 *
 * @throws Error of fast-check, with the smallest group of requests that fails, its seed and its path
 */
export async function fuzzGateway({ endpoint, requests, seed, path }: GatewayFuzzOptions): Promise<GatewayFuzzReport> {
  const port = Number(new URL(endpoint).port);
  const caller = new Caller(port);
  const counts = new Map<number, number>();
  const count = (status: number) => void counts.set(status, (counts.get(status) ?? 0) + 1);
  const group = fc.array(fc.oneof({ weight: 4, arbitrary: request }, { weight: 1, arbitrary: brokenHttp }), {
    minLength: AT_ONCE,
    maxLength: AT_ONCE,
    size: "max",
  });
  const property = fc.asyncProperty(group, async (generated) => {
    const statuses = await Promise.all(
      generated.map(async (each) =>
        Buffer.isBuffer(each) ? requireRefusedBytes(await sendBytes(port, each)) : requireSense(each, await caller.send(each)),
      ),
    );
    for (const status of statuses) count(status);
  });
  try {
    await fc.assert(property, { numRuns: Math.ceil(requests / AT_ONCE), seed, ...(path !== undefined && { path }) });
  } finally {
    caller.close();
  }
  return counts;
}

/** The statuses of what the bytes brought about. @throws Error where one of them says that the cloud has failed */
function requireRefusedBytes(answer: string): number {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
  if (status >= 500 || /access-control-allow-origin/i.test(answer)) throw new Error(`answered with ${answer.slice(0, 500)}`);
  return status;
}

/** @throws Error where an answer is a failure of the cloud, or says nothing that its caller could read */
function requireSense({ method, verdict, body: sent }: FuzzedRequest, answer: Answer): number {
  const { status, headers, body } = answer;
  const complain = (what: string): never => {
    throw new Error(`${what}: ${status} ${body.slice(0, 500)}, to ${sent.toString("latin1", 0, 200)}`);
  };
  if (headers["access-control-allow-origin"] !== undefined) complain("a page of any site may read");
  if (status >= 500) complain("the cloud has failed");
  if (verdict === "forbidden" && status !== 403) complain("a call from outside is let in");
  if (verdict === "refused" && status < 400) complain("a broken body is taken");
  // An object is whatever was put into the bucket.
  const isObject = headers.etag !== undefined;
  if (method !== "HEAD" && body !== "" && !isObject) requireReadable(answer, complain);
  return status;
}

/** An answer is JSON or XML as it says it is; a refusal has a code. */
function requireReadable({ status, headers, body }: Answer, complain: (what: string) => never): void {
  const type = headers["content-type"] ?? "";
  if (type.includes("json")) {
    const value = parsed(body);
    if (value === undefined) complain("the answer is no JSON");
    if (status >= 400 && !(typeof value === "object" && value !== null && "__type" in value))
      complain("the refusal has no code");
  } else if (type.includes("xml")) {
    if (!body.startsWith("<")) complain("the answer is no XML");
    if (status >= 400 && !/<Code>\w[\w.]*<\/Code>/.test(body)) complain("the refusal has no code");
  } else if (status >= 400 && body !== "<UnknownOperationException/>") complain("the refusal is neither JSON nor XML");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
