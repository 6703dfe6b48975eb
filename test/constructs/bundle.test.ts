import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { crc32 } from "node:zlib";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../bin/root.ts";
import { type Bundle, BundleError, bundleFunctions } from "#lib/constructs/function/bundle.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanfare-bundle-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** What a function that a bundle exports returns. */
async function call({ directory }: Bundle, name: string): Promise<unknown> {
  const loaded = v.parse(v.record(v.string(), v.function()), {
    ...(await import(pathToFileURL(join(directory, "index.mjs")).href)),
  });
  return loaded[name]?.();
}

/** A message of an event stream. AmazonS3, "Appendix: SelectObjectContent Response" */
function eventMessage(type: string, payload: string): Buffer {
  const headers = Buffer.concat(
    Object.entries({ ":message-type": "event", ":event-type": type, ":content-type": "application/octet-stream" }).map(
      ([name, value]) => Buffer.concat([sized(name, "writeUInt8", 1), Buffer.of(7), sized(value, "writeUInt16BE", 2)]),
    ),
  );
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const body = Buffer.concat([prelude, checksum(prelude), headers, Buffer.from(payload)]);
  return Buffer.concat([body, checksum(body)]);
}

function sized(text: string, write: "writeUInt8" | "writeUInt16BE", bytes: number): Buffer {
  const size = Buffer.alloc(bytes);
  size[write](text.length);
  return Buffer.concat([size, Buffer.from(text)]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}

describe("a bundle", () => {
  test("is one file with its source map, and runs by itself, CommonJS packages and Node's own modules included", async () => {
    write("functions/one/handler.ts", `import { two } from "./two.cjs"; export const result: number = two();`);
    write("functions/one/two.cjs", `const { join } = require("node:path"); exports.two = () => join("a", "b").length;`);
    const [bundle] = await bundleFunctions(["one"], root);
    expect(readdirSync(bundle!.directory)).toEqual(["index.mjs", "index.mjs.map"]);
    const file = pathToFileURL(join(bundle!.directory, "index.mjs")).href;
    expect(await import(file)).toMatchObject({ result: 3 });
  });

  test("of a consumer leaves SQS, which it needs when something fails, in a file beside it", async () => {
    const runtime = JSON.stringify(join(ROOT, "lib/runtime/lambda/clients.ts"));
    write("functions/one/handler.ts", `import { loadSqs } from ${runtime}; export const sqs = loadSqs;`);
    const [bundle] = await bundleFunctions(["one"], root);
    expect(readdirSync(bundle!.directory)).toContain("sqs.mjs");
    expect(await call(bundle!, "sqs")).toMatchObject({
      SQSClient: expect.any(Function),
      SendMessageCommand: expect.any(Function),
    });
  });

  test("reads event streams with a client that has some", async () => {
    const server = createServer((_request, response) => response.end(eventMessage("Records", "1,tea\n")));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = v.parse(v.object({ port: v.number() }), server.address());
    const client = JSON.stringify(fileURLToPath(import.meta.resolve("@aws-sdk/client-s3")));
    write(
      "functions/one/handler.ts",
      `import { S3Client, SelectObjectContentCommand } from ${client};
       export const rows = async () => {
         const s3 = new S3Client({ endpoint: "http://127.0.0.1:${port}", region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, forcePathStyle: true });
         const query = { Bucket: "b", Key: "k", Expression: "SELECT *", ExpressionType: "SQL", InputSerialization: { CSV: {} }, OutputSerialization: { CSV: {} } };
         const { Payload } = await s3.send(new SelectObjectContentCommand(query));
         const rows = [];
         for await (const { Records } of Payload) if (Records) rows.push(Buffer.from(Records.Payload).toString());
         return rows;
       };`,
    );
    const [bundle] = await bundleFunctions(["one"], root);
    expect(await call(bundle!, "rows")).toEqual(["1,tea\n"]);
    server.close();
  });

  test("has a hash that changes with its code and with nothing else", async () => {
    write("functions/one/handler.ts", `export const handler = () => 1;`);
    write("functions/two/handler.ts", `export const handler = () => 2;`);
    const [two, one] = await bundleFunctions(["two", "one"], root);
    write("functions/one/handler.ts", `// said otherwise, done the same\nexport const handler = () => 1;`);
    write("functions/two/handler.ts", `export const handler = () => 3;`);
    const [otherTwo, sameOne] = await bundleFunctions(["two", "one"], root);
    expect(sameOne!.hash).toBe(one!.hash);
    expect(otherTwo!.hash).not.toBe(two!.hash);
  });
});

describe("a bundle that is built again", () => {
  test("is not written when nothing has changed", async () => {
    write("functions/one/handler.ts", `export const handler = () => 1;`);
    const [bundle] = await bundleFunctions(["one"], root);
    const file = join(bundle!.directory, "index.mjs");
    const before = statSync(file, { bigint: true }).mtimeNs;
    await bundleFunctions(["one"], root);
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(before);
  });
});

describe("a handler that does not build", () => {
  test("is named with the place of its first error, in one line", async () => {
    write("functions/one/handler.ts", `export const handler = () => 1;\nimport "./nowhere.ts";\nimport "./nor-here.ts";`);
    await expect(bundleFunctions(["one"], root)).rejects.toThrow(
      new BundleError('functions/one/handler.ts:2:8: Could not resolve "./nowhere.ts" (and 1 more)'),
    );
  });

  test("is named when it is not there", async () => {
    await expect(bundleFunctions(["one"], root)).rejects.toThrow(
      new BundleError("functions/one/handler.ts: not found; a service has a handler.ts that exports `handler`"),
    );
  });
});
