import * as fc from "fast-check";
import { type Body, type Call, CALLS } from "./calls.ts";

/** A request as it goes out. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What its answer must be: a refusal of its host or origin, some refusal, or anything that is no failure of the cloud. */
  readonly verdict: "forbidden" | "refused" | "any";
}

/** Values that stand where others are expected; never a whole number from 1 on, for that would make a call wait for so long. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, [], {}, "", 0, -1, 0.1, 1e308, 9_007_199_254_740_992, -1e-300, [null], [[]], [{}]),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom<unknown>({ length: -1 }, { toString: "x" }, JSON.parse('{"__proto__":{"polluted":true}}')),
  fc.constantFrom("\u0000", "\ud800", "../../etc/passwd", "%", "%zz", "<!--", "]]>", "arn:::::", "http://", "x".repeat(5_000)),
  fc.constantFrom(30, 20_000).map((levels) => `@deep ${levels}@`),
);

const headers: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { "content-type": "text/plain" },
      { "content-type": "application/x-amz-json-1.0" },
      { "content-type": "application/x-www-form-urlencoded" },
      { "content-type": "application/xml; charset=\u00ff" },
      { "x-amz-target": "DynamoDB_20120810" },
      { "x-amz-target": "AmazonSQS." },
      { "x-amz-target": "DynamoDBStreams_20120810.__proto__" },
      { "x-amz-target": "x".repeat(4_000) },
      { authorization: "AWS4-HMAC-SHA256 Credential=////" },
      { authorization: "AWS4-HMAC-SHA256 Credential=a/20261120/us-east-1/nosuch/aws4_request" },
      { "content-encoding": "gzip" },
      { "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" },
      { "x-amz-decoded-content-length": "-1", "content-encoding": "aws-chunked" },
      { "x-amz-invocation-type": "Never" },
      { range: "bytes=9-1,abc" },
    ),
  },
);

const foreign = fc.constantFrom<Record<string, string>>(
  { host: "evil.example" },
  { host: "127.0.0.1.evil.example" },
  { host: "localhost:4566@evil.example" },
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://127.0.0.1:1" },
);

/** A call with something wrong in its body, its path, its method or its headers. */
export const request: fc.Arbitrary<FuzzedRequest> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ call: call(), place: fc.nat(), junk, extra: headers }).map(withJunk) },
  { weight: 4, arbitrary: fc.record({ call: call("json"), share: fc.double({ min: 0, max: 1, noNaN: true }) }).map(truncated) },
  { weight: 3, arbitrary: fc.record({ call: call(), bytes: fc.uint8Array({ maxLength: 60 }), extra: headers }).map(withBytes) },
  { weight: 2, arbitrary: fc.record({ call: call(), path: fc.webPath(), extra: headers }).map(withPath) },
  {
    weight: 2,
    arbitrary: fc
      .record({ call: call(), method: fc.constantFrom("OPTIONS", "PATCH", "HEAD", "TRACE", "DELETE", "PROPFIND", "QUERY") })
      .map(withMethod),
  },
  { weight: 2, arbitrary: fc.record({ call: call(), extra: foreign }).map(fromOutside) },
);

function call(kind?: Body["kind"]): fc.Arbitrary<Call> {
  return fc.constantFrom(...CALLS.filter(({ body }) => kind === undefined || body.kind === kind));
}

function withJunk(given: { call: Call; place: number; junk: unknown; extra: Record<string, string> }): FuzzedRequest {
  const { body } = given.call;
  const spoilt =
    body.kind === "text" ? write("json", given.junk) : write(body.kind, spoil(body.value, given.place, given.junk));
  return { ...given.call, headers: { ...given.call.headers, ...given.extra }, body: Buffer.from(spoilt), verdict: "any" };
}

function truncated({ call, share }: { call: Call; share: number }): FuzzedRequest {
  const whole = bytesOf(call.body);
  // Of `{...}` every beginning but the empty one is no JSON.
  return { ...call, body: whole.subarray(0, 1 + Math.floor((whole.length - 1) * share * 0.999)), verdict: "refused" };
}

function withBytes({ call, bytes, extra }: { call: Call; bytes: Uint8Array; extra: Record<string, string> }): FuzzedRequest {
  return { ...call, headers: { ...call.headers, ...extra }, body: Buffer.from(bytes), verdict: "any" };
}

function withPath({ call, path, extra }: { call: Call; path: string; extra: Record<string, string> }): FuzzedRequest {
  const made = { ...call, path: `${call.path}${path}`, headers: { ...call.headers, ...extra } };
  return { ...made, body: bytesOf(call.body), verdict: "any" };
}

function withMethod({ call, method }: { call: Call; method: string }): FuzzedRequest {
  return { ...call, method, body: bytesOf(call.body), verdict: "any" };
}

function fromOutside({ call, extra }: { call: Call; extra: Record<string, string> }): FuzzedRequest {
  return { ...call, headers: { ...call.headers, ...extra }, body: bytesOf(call.body), verdict: "forbidden" };
}

function bytesOf({ kind, value }: Body): Buffer {
  return Buffer.from(kind === "text" ? value : write(kind, value));
}

function write(kind: "json" | "form", value: unknown): string {
  if (kind === "json") return JSON.stringify(value).replace(/"@deep (\d+)@"/, (_, levels: string) => deep(Number(levels)));
  return Object.entries(membersOf(value))
    .map(([name, each]) => `${encodeURIComponent(name)}=${encoded(each)}`)
    .join("&");
}

/** Percent-encoded where that can be done; a text with half of a surrogate pair cannot, and goes out as it is. */
function encoded(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.isWellFormed() && !text.startsWith("%") ? encodeURIComponent(text) : text;
}

/** A value with one of its members, however deep, replaced; `place` says which, counting through all of them. */
function spoil(value: unknown, place: number, replacement: unknown): unknown {
  const places = placesOf(value);
  const target = places[place % places.length] ?? [];
  return replace(value, target, replacement);
}

function placesOf(value: unknown): string[][] {
  return [[], ...Object.entries(membersOf(value)).flatMap(([name, member]) => placesOf(member).map((rest) => [name, ...rest]))];
}

function replace(value: unknown, [name, ...rest]: string[], replacement: unknown): unknown {
  if (name === undefined) return replacement;
  const copy = Array.isArray(value) ? [...value] : { ...membersOf(value) };
  Reflect.set(copy, name, replace(Reflect.get(copy, name), rest, replacement));
  return copy;
}

/** The members of an object or a list; none of any other value. */
function membersOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** JSON deeper than any call stack, which no function of JavaScript could write. */
function deep(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}
