import * as fc from "fast-check";

const heads = fc.constantFrom(
  "GET / HTTP/1.1",
  "POST / HTTP/1.1",
  "POST /000000000000/fuzzed HTTP/1.1",
  "GET / HTTP/9.9",
  "GET http://evil.example/ HTTP/1.1",
  "CONNECT evil.example:443 HTTP/1.1",
  "GET //evil.example/%zz HTTP/1.0",
  "GET",
  "\u0000\u0001\u0002",
  "PRI * HTTP/2.0",
  `GET /${"x".repeat(20_000)} HTTP/1.1`,
);

const lines = fc.constantFrom(
  "host: 127.0.0.1",
  "host: 127.0.0.1\r\nhost: evil.example",
  "content-length: 5\r\ncontent-length: 6",
  "content-length: 5, 5",
  "content-length: -1",
  "content-length: 1e9",
  "content-length: 99999999999999999999",
  "content-length: 10",
  "transfer-encoding: chunked",
  "transfer-encoding: chunked\r\ncontent-length: 3",
  "transfer-encoding: gzip, chunked, identity",
  "content-type: application/x-www-form-urlencoded\r\ncontent-type: application/json",
  "x-amz-target: AmazonSQS.SendMessage\r\nx-amz-target: DynamoDB_20120810.PutItem",
  "expect: 200-nonsense",
  "connection: upgrade\r\nupgrade: websocket",
  "no colon here",
  " folded: line",
  "na me: x",
  "x: \u0000",
  `x: ${"y".repeat(20_000)}`,
);

const bodies = fc.oneof(
  fc.constantFrom("", "5\r\nhello\r\n0\r\n\r\n", "zz\r\nhello", "ffffffffffffffff\r\n", "5\r\nhel", "0\r\nx: y\r\n\r\n"),
  fc.string({ unit: "binary-ascii", maxLength: 40 }),
);

/** Bytes that are no HTTP, or hardly. */
export const brokenHttp: fc.Arbitrary<Buffer> = fc
  .record({
    head: heads,
    lines: fc.array(lines, { maxLength: 3 }),
    body: bodies,
    end: fc.constantFrom("\r\n\r\n", "\n\n", "\r\n"),
  })
  .map((parts) => Buffer.from(`${[parts.head, ...parts.lines].join("\r\n")}${parts.end}${parts.body}`, "latin1"));
