import { validateHeaderName, validateHeaderValue } from "node:http";
import { asText, isRecord } from "../../../shared/json.ts";

/** What a function's URL answers. */
export interface UrlResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

/** What the caller sees of a function that fails, or that gives back what is no response. */
const FAILED: UrlResponse = {
  status: 502,
  headers: { "content-type": "application/json" },
  body: Buffer.from("Internal Server Error"),
};

/**
 * Turns a function's result into an HTTP response: payload format 2.0, or for a result that names no status, the result itself as JSON.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 *
 * @param succeeded whether the function has given a result at all
 */
export function httpResponse(result: unknown, succeeded: boolean): UrlResponse {
  if (!succeeded) return FAILED;
  if (!isRecord(result) || result["statusCode"] === undefined) {
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(result ?? null)) };
  }
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = result;
  const status = Number(statusCode);
  const isResponse = Number.isInteger(status) && status >= 200 && status <= 599 && typeof body === "string";
  if (!isResponse || !isRecord(headers) || !Array.isArray(cookies)) return FAILED;
  const lowered = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), asText(value)]);
  if (!lowered.every(([name, value]) => isHeader(name, value))) return FAILED;
  return {
    status,
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(lowered.filter(([name]) => name !== "content-length" && name !== "transfer-encoding")),
      ...(cookies.length > 0 && { "set-cookie": cookies.map(asText) }),
    },
    body: Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8"),
  };
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
