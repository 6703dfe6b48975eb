import type { IncomingHttpHeaders } from "node:http";
import type { WireRequest } from "./call.ts";

/** A request as services read it. `url` is path and query; headers are by name in lower case. */
export function wireRequest(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer): WireRequest {
  const mark = url.indexOf("?");
  const query = mark < 0 ? "" : url.slice(mark + 1);
  const target = headers["x-amz-target"];
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query,
    headers,
    body,
    target: typeof target === "string" ? target : "",
    signedFor: signedFor(headers, query),
  };
}

/** The service in a signature's scope: `Credential=<key>/<date>/<region>/<service>/aws4_request`, its slashes encoded in a query. */
function signedFor({ authorization = "" }: IncomingHttpHeaders, query: string): string | undefined {
  if (authorization !== "") return /Credential=[^/=]*\/\d+\/[^/=]*\/([^/=]+)\//.exec(authorization)?.[1];
  if (!query.includes("X-Amz-Credential=")) return query.includes("X-Amz-Signature=") ? "s3" : undefined;
  return /X-Amz-Credential=[^&%/]*(?:%2F|\/)\d+(?:%2F|\/)[^&%/]*(?:%2F|\/)([^&%/]+)/i.exec(query)?.[1];
}
