import { randomUUID } from "node:crypto";
import type { WireRequest } from "../../call.ts";
import { account } from "../../../shared/account.ts";

/** Bodies that the function gets as text; all others are Base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b|[^;]+\+(json|xml)\b)/i;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * The event of a call: payload format 2.0. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 *
 * @param id takes the place of the URL's id
 * @param target path and query behind the function's URL, beginning with a slash
 */
export function urlEvent(request: WireRequest, id: string, target: string): unknown {
  const { body, method } = request;
  const { pathname, searchParams, search } = new URL(`http://function${target}`);
  const { cookie, ...headers } = textHeaders(request);
  const isText = body.length === 0 || TEXT.test(headers["content-type"] ?? "");
  const now = new Date();
  const domain = `lambda-url.${account.region}.on.aws`;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split("; ") }),
    headers: { ...headers, "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" },
    ...(searchParams.size === 0 ? {} : { queryStringParameters: joined(searchParams) }),
    requestContext: {
      accountId: "anonymous",
      apiId: id,
      domainName: `${id}.${domain}`,
      domainPrefix: id,
      http: {
        method,
        path: pathname,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: !isText,
  };
}

function textHeaders({ headers }: WireRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : (value ?? "")]),
  );
}

/** A name that comes more than once has its values joined by commas. */
function joined(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(",")]));
}

/** `12/Mar/2020:19:03:58 +0000`. */
function logTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
}
