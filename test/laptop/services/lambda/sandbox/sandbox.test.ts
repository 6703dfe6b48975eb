import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { OUTPUT_IN_TRANSIT } from "#lib/laptop/services/lambda/sandbox/protocol.ts";
import { cleanUps, matching, sandboxOf } from "./sandbox-support.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** How long a condition may take on a busy machine. */
const PATIENCE = { timeout: 10_000 };

/** A handler that counts its environment's invocations, and waits for the test to open the gate if the event names one. */
const GATED = `
  import { BroadcastChannel } from "node:worker_threads";
  let count = 0;
  export const handler = async ({ gate } = {}) => {
    count += 1;
    if (gate) await new Promise((open) => {
      const channel = new BroadcastChannel(gate);
      channel.onmessage = () => { channel.close(); open(); };
      console.log("waiting");
    });
    return count;
  };`;

/** What the invocations with `{ gate: name }` wait for. */
function newGate() {
  const name = randomUUID();
  const channel = new BroadcastChannel(name);
  cleanUps.push(() => channel.close());
  return { name, open: () => channel.postMessage("open") };
}

describe("an invocation", () => {
  test("gets its event and gives its result as JSON", async () => {
    const { sandbox } = sandboxOf(`
      export const handler = async (event) => ({ event, when: new Date(0), nothing: undefined, map: new Map([[1, 2]]) });`);
    expect(await sandbox.invoke({ list: [1, undefined], skipped: undefined })).toEqual({
      ok: true,
      payload: { event: { list: [1, null] }, when: "1970-01-01T00:00:00.000Z", map: {} },
    });
  });

  test("answers null when the handler returns nothing, async or not", async () => {
    const { sandbox } = sandboxOf("export const handler = () => {};");
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: null });
  });

  test("finds exactly the configured environment with its log stream, and nothing of the host's", async () => {
    const { sandbox } = sandboxOf(
      `export const handler = (event, { logStreamName }) =>
        ({ ...process.env, isNamed: process.env.AWS_LAMBDA_LOG_STREAM_NAME === logStreamName });`,
      { environment: { TABLE: "orders", EMPTY: "" } },
    );
    const payload = { TABLE: "orders", EMPTY: "", AWS_LAMBDA_LOG_STREAM_NAME: matching(/\[\$LATEST\]/), isNamed: true };
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload });
  });

  test("gets Lambda's context, with the time that is left", async () => {
    const { sandbox } = sandboxOf(
      "export const handler = (event, context) => ({ ...context, left: String(context.getRemainingTimeInMillis()) });",
      { timeoutSeconds: 60, memoryMegabytes: 256 },
    );
    const result = await sandbox.invoke({});
    expect(result).toEqual({
      ok: true,
      payload: {
        awsRequestId: matching(/^[0-9a-f-]{36}$/),
        callbackWaitsForEmptyEventLoop: true,
        functionName: "orders-consumer",
        functionVersion: "$LATEST",
        invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:orders-consumer",
        memoryLimitInMB: "256",
        logGroupName: "/aws/lambda/orders-consumer",
        logStreamName: matching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
        left: matching(/^([1-5]\d{4}|60000)$/),
      },
    });
  });

  test("is reported with its number of records", async () => {
    const { sandbox, invocations } = sandboxOf("export const handler = () => {};");
    await sandbox.invoke({ Records: [{}, {}, {}] });
    expect(invocations()).toMatchObject([{ function: "orders-consumer", records: 3, outcome: "ok" }]);
    expect(sandbox.stats).toEqual({ invocations: 1, errors: 0, throttles: 0 });
  });
});

describe("environments", () => {
  test("keep their module state from one invocation to the next", async () => {
    const { sandbox } = sandboxOf(GATED);
    const results = [await sandbox.invoke({}), await sandbox.invoke({}), await sandbox.invoke({})];
    expect(results.map((result) => result.ok && result.payload)).toEqual([1, 2, 3]);
    expect(sandbox.environments).toBe(1);
  });

  test("run one invocation at a time: a second one gets an environment of its own", async () => {
    const { sandbox, lines } = sandboxOf(GATED);
    const gate = newGate();
    const held = [sandbox.invoke({ gate: gate.name }), sandbox.invoke({ gate: gate.name })];
    await vi.waitFor(() => expect(lines()).toHaveLength(2), PATIENCE);
    expect([sandbox.running, sandbox.environments]).toEqual([2, 2]);
    gate.open();
    expect(await Promise.all(held)).toEqual([
      { ok: true, payload: 1 },
      { ok: true, payload: 1 },
    ]);
    expect(sandbox.running).toBe(0);
  });

  test("are at most ten: further invocations wait for a free one", async () => {
    const { sandbox, lines } = sandboxOf(GATED);
    const gate = newGate();
    const held = Array.from({ length: 10 }, () => sandbox.invoke({ gate: gate.name }));
    const waiting = sandbox.invoke({});
    await vi.waitFor(() => expect(lines()).toHaveLength(10), PATIENCE);
    expect([sandbox.running, sandbox.environments]).toEqual([11, 10]);
    gate.open();
    expect(await waiting).toEqual({ ok: true, payload: 2 });
    await Promise.all(held);
  });

  test("that are spare end after a while, the last used stays", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const { sandbox } = sandboxOf(GATED);
    const gate = newGate();
    const held = [sandbox.invoke({ gate: gate.name }), sandbox.invoke({})];
    await held[1];
    expect(sandbox.environments).toBe(2);
    await vi.waitFor(() => {
      gate.open();
      expect(sandbox.running).toBe(0);
    });
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(() => expect(sandbox.environments).toBe(1));
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 2 });
  });

  test("never exceed the reserved concurrency: what comes beyond it is throttled and not run", async () => {
    const { sandbox, lines, invocations } = sandboxOf(GATED, { reservedConcurrency: 1 });
    const gate = newGate();
    const held = sandbox.invoke({ gate: gate.name });
    await vi.waitFor(() => expect(lines()).toHaveLength(1), PATIENCE);
    expect(await sandbox.invoke({})).toMatchObject({ ok: false, reason: "throttled", errorType: "TooManyRequestsException" });
    expect(invocations()).toMatchObject([{ outcome: "throttled" }]);
    gate.open();
    expect(await held).toEqual({ ok: true, payload: 1 });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 2 });
    expect(sandbox.stats).toEqual({ invocations: 2, errors: 0, throttles: 1 });
  });
});

test("importing http, as every AWS client does, leaves the code of fetch unloaded until something reads it", async () => {
  const { sandbox } = sandboxOf(`
    import http from "node:http";
    const isLoaded = () => process.moduleLoadList.some((name) => name.endsWith("/undici"));
    export const handler = () => [typeof http.request, isLoaded(), typeof http.WebSocket, isLoaded()];`);
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: ["function", false, "function", true] });
});

describe("replacing the code", () => {
  const version = (number: number) => GATED.replace("return count", `return "v${number}"`);

  test("lets a running invocation end on the old code and gives later ones the new", async () => {
    const { sandbox, codeDirectory, lines } = sandboxOf(version(1));
    const gate = newGate();
    const held = sandbox.invoke({ gate: gate.name });
    await vi.waitFor(() => expect(lines()).toHaveLength(1), PATIENCE);
    writeFileSync(join(codeDirectory, "index.mjs"), version(2));
    sandbox.replaceCode();
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "v2" });
    gate.open();
    expect(await held).toEqual({ ok: true, payload: "v1" });
    await vi.waitFor(() => expect(sandbox.environments).toBe(1));
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "v2" });
  });

  test("by a broken bundle answers init until it is mended", async () => {
    const { sandbox, codeDirectory } = sandboxOf(version(1));
    await sandbox.invoke({});
    writeFileSync(join(codeDirectory, "index.mjs"), "export const handler = (");
    sandbox.replaceCode();
    expect(await Promise.all([sandbox.invoke({}), sandbox.invoke({})])).toMatchObject([{ reason: "init" }, { reason: "init" }]);
    writeFileSync(join(codeDirectory, "index.mjs"), version(2));
    sandbox.replaceCode();
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "v2" });
  });
});

describe("stopping", () => {
  test("ends what runs and refuses what comes later", async () => {
    const { sandbox, lines } = sandboxOf(GATED);
    const held = sandbox.invoke({ gate: newGate().name });
    await vi.waitFor(() => expect(lines()).toHaveLength(1), PATIENCE);
    await sandbox.stop();
    expect(await held).toMatchObject({ reason: "exit", errorType: "Runtime.ExitError" });
    expect(sandbox.environments).toBe(0);
    expect(await sandbox.invoke({})).toMatchObject({ reason: "throttled" });
  });

  test("answers invocations that still wait for a cold start", async () => {
    const { sandbox } = sandboxOf(GATED);
    const cold = sandbox.invoke({});
    await sandbox.stop();
    expect(await cold).toMatchObject({ ok: false, reason: "throttled" });
    expect([sandbox.running, sandbox.environments]).toEqual([0, 0]);
  });
});

describe("output", () => {
  test("becomes one log entry per line, with the request it belongs to", async () => {
    const { sandbox, lines, invocations } = sandboxOf(`export const handler = () => {
      console.log("one\\ntwo");
      process.stdout.write("thr"); console.error("aside"); process.stdout.write(Buffer.from("ee €\\n").subarray(0, 5));
      process.stdout.write(Buffer.from("ee €\\n").subarray(5)); process.stdout.write("no line feed");
    };`);
    await sandbox.invoke({});
    expect(lines().map(({ line }) => line)).toEqual(["one", "two", "aside", "three €", "no line feed"]);
    expect(new Set(lines().map(({ requestId }) => requestId))).toEqual(new Set([invocations()[0]?.requestId]));
  });

  test("may pass by process.stdout, as that of loggers does which write to file descriptors", async () => {
    const { sandbox, lines } = sandboxOf(`
      import * as fs from "node:fs";
      import { finished } from "node:stream/promises";
      import { promisify } from "node:util";
      export const handler = async () => {
        fs.writeSync(1, "writeSync\\n");
        fs.writeSync(1, Buffer.from("a part of it\\n"), 2, 5);
        fs.writeSync(1, " 5\\n", null, "utf8");
        fs.writeSync(2, "aside\\n");
        const { bytesWritten } = await promisify(fs.write)(1, "write\\n");
        fs.writevSync(1, [Buffer.from("wri"), Buffer.from("tev\\n")]);
        fs.writeFileSync(1, "writeFileSync\\n");
        const stream = fs.createWriteStream("", { fd: 1 });
        stream.end("a stream that closes its descriptor\\n");
        await finished(stream);
        fs.closeSync(2);
        return bytesWritten;
      };`);
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 6 });
    const written = [
      "writeSync",
      "part  5",
      "aside",
      "write",
      "writev",
      "writeFileSync",
      "a stream that closes its descriptor",
    ];
    expect(lines().map(({ line }) => line)).toEqual(written);
    expect(await sandbox.invoke({})).toMatchObject({ ok: true });
  });

  test("is cut where a line is longer than 16 Ki characters", async () => {
    const { sandbox, lines } = sandboxOf(`export const handler = () => { console.log("x".repeat(20_000)); };`);
    await sandbox.invoke({});
    expect(lines().map(({ line }) => line)).toEqual([`${"x".repeat(16_384)}… (3616 more characters)`]);
  });

  test("written just before process.exit() is not lost", async () => {
    const { sandbox, lines } = sandboxOf(`export const handler = () => {
      for (let i = 0; i < 500; i += 1) console.log("line", i);
      process.exit(3);
    };`);
    await sandbox.invoke({});
    expect(lines()).toHaveLength(500);
    expect(lines().at(-1)?.line).toBe("line 499");
  });

  test("in an endless loop makes the function wait: little piles up in memory", async () => {
    const { sandbox, lines } = sandboxOf(`export const handler = () => { for (;;) console.log("again"); };`);
    const endless = sandbox.invoke({});
    await vi.waitFor(() => expect(lines().length).toBeGreaterThan(5_000));
    const taken = lines().length;
    await sandbox.stop();
    expect(await endless).toMatchObject({ reason: "exit" });
    expect(lines().length - taken).toBeLessThanOrEqual(OUTPUT_IN_TRANSIT);
  });
});
