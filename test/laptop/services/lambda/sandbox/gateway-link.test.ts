import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { Answer, type WireRequest } from "#lib/laptop/services/call.ts";
import { FunctionSandbox } from "#lib/laptop/services/lambda/sandbox/sandbox.ts";
import { cleanUps, folder } from "./sandbox-support.ts";

/** What a handler needs to make a request of its own, as an SDK does or as anybody does. */
const REQUEST = `
import http from "node:http";
const SDK = { "Amz-SDK-Invocation-Id": "1", "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "Any.Call" };
const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL);
const request = (headers, write, path = "/") => new Promise((resolve, reject) => {
  const call = http.request({ host: hostname, port, method: "POST", path, headers }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString("latin1") }));
  });
  call.on("error", ({ code }) => resolve({ code }));
  write(call);
});
`;

/** A function whose SDK calls `answer` takes; what goes through a socket comes to a server that says so. */
async function linked(
  handler: string,
  answer: (request: WireRequest, hangUp: () => AbortSignal) => Promise<Answer | undefined>,
): Promise<FunctionSandbox> {
  const server = createServer((_request, response) => response.end("through a socket"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => server.close());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port, so it has one
  const { port } = server.address() as AddressInfo;
  const config = {
    name: "caller",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:caller",
    runtime: "nodejs24.x",
    handler: "index.handler",
    codeDirectory: folder({ "index.mjs": `${REQUEST}export const handler = async () => ${handler};` }),
    layers: [],
    projects: [],
    environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    timeoutSeconds: 10,
    memoryMegabytes: 128,
  };
  const sandbox = new FunctionSandbox(config, () => {}, answer);
  cleanUps.push(() => sandbox.stop());
  return sandbox;
}

test("an SDK's call comes to the gateway as it was made, and its answer goes back whole", async () => {
  const calls: WireRequest[] = [];
  const sandbox = await linked(`request(SDK, (call) => call.end('{"a":1}'), "/path?query=1")`, async (request) => {
    calls.push(request);
    return new Answer(201, '{"b":"é"}', { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "7" });
  });

  expect(await sandbox.invoke({})).toMatchObject({
    payload: { status: 201, headers: { "x-amzn-requestid": "7" }, body: Buffer.from('{"b":"é"}').toString("latin1") },
  });
  expect(calls).toMatchObject([{ method: "POST", path: "/path", query: "query=1", target: "Any.Call" }]);
  expect(calls[0]?.body.toString()).toBe('{"a":1}');
});

test("a request that no SDK makes goes through a socket", async () => {
  const answer = vi.fn<() => Promise<undefined>>();
  const sandbox = await linked(`request({ accept: "*/*" }, (call) => call.end())`, answer);

  expect(await sandbox.invoke({})).toMatchObject({ payload: { status: 200, body: "through a socket" } });
  expect(answer).not.toHaveBeenCalled();
});

test("bytes come through as they are, in both directions, also those that are written in pieces", async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const sandbox = await linked(
    `request(SDK, (call) => { const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index)); call.write(bytes.subarray(0, 9)); call.end(bytes.subarray(9)); })`,
    async ({ body }) => new Answer(200, body.subarray(), { "content-type": "application/octet-stream" }),
  );

  expect(await sandbox.invoke({})).toMatchObject({ payload: { body: bytes.toString("latin1") } });
});

test("a lost answer is a connection that ends", async () => {
  const sandbox = await linked(`request(SDK, (call) => call.end())`, () => Promise.resolve(undefined));

  expect(await sandbox.invoke({})).toMatchObject({ payload: { code: "ECONNRESET" } });
});

test("a call that its caller gives up is hung up on", async () => {
  const hungUp = Promise.withResolvers<void>();
  const sandbox = await linked(`request(SDK, (call) => { call.end(); setTimeout(() => call.destroy(), 20); })`, (_, hangUp) => {
    hangUp().addEventListener("abort", () => hungUp.resolve());
    return new Promise(() => {});
  });

  expect(await sandbox.invoke({})).toMatchObject({ payload: { code: "ECONNRESET" } });
  await hungUp.promise;
});

test("a function that ends hangs up on every call that it waits for", async () => {
  const hungUp = Promise.withResolvers<void>();
  const sandbox = await linked(
    `request(SDK, (call) => { call.end(); setTimeout(() => process.exit(1), 20); })`,
    (_, hangUp) => {
      hangUp().addEventListener("abort", () => hungUp.resolve());
      return new Promise(() => {});
    },
  );

  expect(await sandbox.invoke({})).toMatchObject({ ok: false, reason: "exit" });
  await hungUp.promise;
});

test("a body that waits to be asked for is asked for at once", async () => {
  const sandbox = await linked(
    `request({ ...SDK, Expect: "100-continue" }, (call) => call.once("continue", () => call.end("body")))`,
    async ({ body }) => new Answer(200, body.toString()),
  );

  expect(await sandbox.invoke({})).toMatchObject({ payload: { body: "body" } });
});

test("a request whose socket is given a time says that the time is over, and one that was answered does not", async () => {
  const answers = [new Promise<never>(() => {}), Promise.resolve(new Answer(200))];
  const sandbox = await linked(
    `request(SDK, (call) => { call.socket.setTimeout(20, () => call.destroy()); call.end(); }).then(async (first) => {
      let late = false;
      const second = await request(SDK, (call) => { call.setTimeout(1_000, () => (late = true)); call.end(); });
      return { first: first.code, second: second.status, late };
    })`,
    () => answers.shift() ?? Promise.resolve(undefined),
  );

  expect(await sandbox.invoke({})).toMatchObject({ payload: { first: "ECONNRESET", second: 200, late: false } });
});

test("a call that was given up before its service asks has been given up", async () => {
  const given = Promise.withResolvers<boolean>();
  const heldUp = Promise.withResolvers<void>();
  const sandbox = await linked(
    `request(SDK, (call) => { call.end(); setTimeout(() => call.destroy(), 20); }).then(({ code }) => request(SDK, (call) => call.end(), "/next").then(() => code))`,
    async ({ path }, hangUp) => {
      if (path === "/next") heldUp.resolve();
      else {
        await heldUp.promise;
        given.resolve(hangUp().aborted);
      }
      return new Answer(200);
    },
  );

  expect(await sandbox.invoke({})).toMatchObject({ payload: "ECONNRESET" });
  expect(await given.promise).toBe(true);
});

test("an answer that is said to be JSON and is compressed comes through as it is", async () => {
  const bytes = Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0xfe]);
  const sandbox = await linked(`request(SDK, (call) => call.end())`, async () => {
    return new Answer(200, bytes, { "content-type": "application/json", "content-encoding": "gzip" });
  });

  expect(await sandbox.invoke({})).toMatchObject({ payload: { body: bytes.toString("latin1") } });
});
