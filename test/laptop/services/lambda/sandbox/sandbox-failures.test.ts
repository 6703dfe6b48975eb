import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, matching, sandboxOf } from "./sandbox-support.ts";

describe("a handler that throws", () => {
  test.each([
    ["an error", `throw new TypeError("no such order")`, "TypeError", "no such order"],
    ["an error of its own class", `throw Object.assign(new Error("x"), { name: "OutOfStock" })`, "OutOfStock", "x"],
    ["null", "throw null", "handled", "the function threw null, which has no name and no message"],
    ["undefined", "throw undefined", "handled", "the function threw undefined, which has no name and no message"],
    ["a string", `throw "boo"`, "string", "boo"],
    ["an object that contains itself", "const o = {}; o.self = o; throw o", "object", "[object Object]"],
    [
      "an object without a prototype",
      "throw Object.create(null)",
      "handled",
      "the function threw a value of type object, which has no name and no message",
    ],
    ["a rejection", `return Promise.reject(new RangeError("late"))`, "RangeError", "late"],
  ])("%s is answered as Lambda does, and the environment lives on", async (_what, body, errorType, errorMessage) => {
    const { sandbox, invocations } = sandboxOf(`
      let count = 0;
      export const handler = (event) => { if (event.count) return ++count; count += 1; ${body}; };`);
    expect(await sandbox.invoke({})).toEqual({ ok: false, reason: "handled", errorType, errorMessage });
    expect(await sandbox.invoke({ count: true })).toEqual({ ok: true, payload: 2 });
    expect(invocations()[0]).toMatchObject({ outcome: "handled", error: `${errorType}: ${errorMessage}` });
    expect(sandbox.stats).toEqual({ invocations: 2, errors: 1, throttles: 0, lastError: `${errorType}: ${errorMessage}` });
  });

  test("leaves its stack in the log, in one line", async () => {
    const { sandbox, lines } = sandboxOf(`export const handler = () => { throw new Error("two\\nlines"); };`);
    await sandbox.invoke({});
    expect(lines()).toHaveLength(1);
    expect(lines()[0]?.line).toMatch(/\tERROR\tInvoke Error\t\{"errorType":"Error","errorMessage":"two\\nlines","stack":\[/);
  });
});

test.each([
  ["a BigInt", "10n"],
  ["an object that contains itself", "(() => { const o = {}; o.self = o; return o; })()"],
])("a result that is no JSON, %s, is a marshal error", async (_what, result) => {
  const { sandbox } = sandboxOf(`export const handler = async () => ${result};`);
  expect(await sandbox.invoke({})).toMatchObject({ ok: false, reason: "handled", errorType: "Runtime.MarshalError" });
});

describe("a handler that takes too long", () => {
  test.each([
    ["never answers", "await new Promise(() => {});"],
    ["is busy in an endless loop", "for (;;);"],
  ])("and %s is stopped and answered as Lambda does", async (_what, body) => {
    const { sandbox, lines } = sandboxOf(
      `export const handler = async (event) => {
        if (event.quick) return "quick";
        process.stdout.write("begun");
        ${body}
      };`,
      { timeoutSeconds: 0.2 },
    );
    expect(await sandbox.invoke({})).toEqual({
      ok: false,
      reason: "timeout",
      errorType: "Sandbox.Timedout",
      errorMessage: matching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.20 seconds$/),
    });
    expect(lines()).toMatchObject([{ line: "begun", requestId: matching(/^[0-9a-f-]{36}$/) }]);
    expect(await sandbox.invoke({ quick: true })).toEqual({ ok: true, payload: "quick" });
  });
});

describe("an environment dies, and the next invocation gets a new one, when the function", () => {
  test.each([
    ["exits the process", "process.exit(3)", "Runtime.ExitError", /^RequestId: .* Error: Runtime exited with status 3$/],
    [
      "leaves a rejection unhandled",
      `Promise.reject(new Error("stray"))`,
      "Runtime.UnhandledPromiseRejection",
      /^Error: stray$/,
    ],
    [
      "throws outside its handler",
      `setImmediate(() => { throw new Error("late"); })`,
      "Runtime.UncaughtException",
      /^Error: late$/,
    ],
  ])("%s", async (_what, body, errorType, errorMessage) => {
    const { sandbox } = sandboxOf(`
      let count = 0;
      export const handler = (event) => {
        count += 1;
        if (event.count) return count;
        ${body};
        return new Promise(() => {});
      };`);
    expect(await sandbox.invoke({})).toEqual({
      ok: false,
      reason: "exit",
      errorType,
      errorMessage: matching(errorMessage),
    });
    expect(await sandbox.invoke({ count: true })).toEqual({ ok: true, payload: 1 });
  });

  test.each([
    ["objects", `const kept = []; for (;;) kept.push("x".repeat(1e5).split(""));`],
    ["a map, which doubles", "const kept = new Map(); for (let i = 0; ; i += 1) kept.set(i, i);"],
    ["one array of 160 MB", "const kept = new Array(2e7).fill(0); await new Promise(() => kept);"],
    ["buffers", "const kept = []; for (;;) kept.push(Buffer.alloc(1e6, 1));"],
    ["buffers that threads share", "const kept = []; for (;;) kept.push(new Uint8Array(new SharedArrayBuffer(1e6)).fill(1));"],
    ["a shared buffer that grows", "const kept = new SharedArrayBuffer(1, { maxByteLength: 1e9 }); kept.grow(5e8);"],
    ["WebAssembly", "const kept = new WebAssembly.Memory({ initial: 4_000 }); await new Promise(() => kept);"],
  ])("uses more memory than it has, for %s", async (_what, body) => {
    const { sandbox } = sandboxOf(`export const handler = async (event) => { if (event.small) return "small"; ${body} };`, {
      memoryMegabytes: 32,
    });
    expect(await sandbox.invoke({})).toEqual({
      ok: false,
      reason: "out of memory",
      errorType: "Runtime.OutOfMemory",
      errorMessage: "the function used more than its 32 MB of memory",
    });
    expect(await sandbox.invoke({ small: true })).toEqual({ ok: true, payload: "small" });
  });

  test("keeps more than it has memory for, a little in each invocation", async () => {
    const { sandbox } = sandboxOf(
      `const kept = []; export const handler = async () => { kept.push(Buffer.alloc(2e6, 1)); return kept.length; };`,
      { memoryMegabytes: 32 },
    );
    const results = [];
    do results.push(await sandbox.invoke({}));
    while (results.at(-1)?.ok && results.length < 10_000);
    expect(results.at(-1)).toMatchObject({ ok: false, reason: "out of memory" });
  });
});

describe("a bundle that cannot be loaded answers init, with one line that names it", () => {
  test.each([
    [
      "is not there",
      {},
      "Runtime.ImportModuleError",
      /^none of index\.js, index\.mjs, index\.cjs is in .+: bundle the function again$/,
    ],
    ["imports what is not there", { "index.mjs": `import "absent";` }, "Runtime.ImportModuleError", /index\.mjs: .*absent/],
    ["requires what is not there", { "index.cjs": `require("absent");` }, "Runtime.ImportModuleError", /index\.cjs: .*absent/],
    ["is no JavaScript", { "index.mjs": "export const handler = (" }, "Runtime.UserCodeSyntaxError", /index\.mjs: SyntaxError/],
    ["throws", { "index.mjs": `throw new RangeError("TABLE\\nis missing");` }, "RangeError", /index\.mjs: RangeError: TABLE$/],
    ["exits", { "index.mjs": "process.exit(7);" }, "Runtime.ExitError", /^Runtime exited with status 7$/],
    [
      "has no such export",
      { "index.mjs": "export const other = 1;" },
      "Runtime.HandlerNotFound",
      /"index\.handler" is undefined or/,
    ],
    [
      "exports no function",
      { "index.mjs": "export const handler = 1;" },
      "Runtime.HandlerNotFound",
      /is a number, expected a function/,
    ],
    [
      "takes a callback",
      { "index.mjs": "export const handler = (a, b, c) => c();" },
      "Runtime.CallbackHandlerDeprecated",
      /async/,
    ],
  ])("because it %s", async (_why, files: Record<string, string>, errorType, errorMessage) => {
    const { sandbox, invocations } = sandboxOf(files);
    const result = await sandbox.invoke({});
    expect(result).toEqual({ ok: false, reason: "init", errorType, errorMessage: matching(errorMessage) });
    expect(result.ok ? "" : result.errorMessage).not.toContain("\n");
    expect(invocations()).toMatchObject([{ outcome: "init" }]);
  });

  test("because its handler setting names no export", async () => {
    const { sandbox } = sandboxOf("export const handler = () => {};", { handler: "index" });
    expect(await sandbox.invoke({})).toMatchObject({ reason: "init", errorType: "Runtime.MalformedHandlerName" });
  });
});

describe("a handler is found", () => {
  test.each([
    ["in an ES module", { "index.mjs": "export const handler = () => 1;" }, "index.handler"],
    ["in a CommonJS module", { "index.cjs": "exports.handler = () => 1;" }, "index.handler"],
    [
      "in a CommonJS module whose exports are computed",
      { "index.cjs": `module.exports = { ["hand" + "ler"]: () => 1 };` },
      "index.handler",
    ],
    ["in a .js file, which is CommonJS", { "index.js": "exports.handler = () => 1;" }, "index.handler"],
    [
      "in a .js file whose package.json says ES module",
      { "index.js": "export const handler = () => 1;", "package.json": `{"type":"module"}` },
      "index.handler",
    ],
    ["in a folder", { "src/main.mjs": "export const run = () => 1;" }, "src/main.run"],
    ["inside an exported object", { "index.mjs": "export const api = { get: () => 1 };" }, "index.api.get"],
  ])("%s", async (_where, files: Record<string, string>, handler) => {
    const { sandbox } = sandboxOf(files, { handler });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 1 });
  });

  test("in a CommonJS .js file below a project that is an ES module", async () => {
    const project = folder({ "package.json": `{"type":"module"}`, "asset/index.js": "exports.handler = () => 1;" });
    const { sandbox } = sandboxOf({}, { codeDirectory: join(project, "asset") });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 1 });
    writeFileSync(join(project, "asset/package.json"), `{"type":"module"}`);
    writeFileSync(join(project, "asset/index.js"), "export const handler = () => 2;");
    sandbox.replaceCode();
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 2 });
  });
});

test("an event that is nested too deeply fails, and the sandbox lives on", async () => {
  const { sandbox } = sandboxOf("export const handler = async () => 1;");
  const event: unknown = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
  expect(await sandbox.invoke(event)).toMatchObject({ ok: false, errorType: "Runtime.UnmarshalError" });
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 1 });
});

test.each([
  ["an import", `import { isMainThread, parentPort, workerData } from "node:worker_threads";`],
  ["a require", `const { isMainThread, parentPort, workerData } = process.getBuiltinModule("worker_threads");`],
])("a function finds itself alone, as in Lambda: no parent of the thread to talk to, by %s", async (_way, found) => {
  const { sandbox } = sandboxOf(`${found} export const handler = async () => [isMainThread, parentPort, workerData];`);
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: [true, null, null] });
});

test.each([
  ["itself", "process.pid", "killed"],
  ["its parent", "process.ppid", "killed"],
  ["its group", "0", "killed"],
])("a function that kills %s ends its environment and nothing else", async (_what, pid, text) => {
  const { sandbox } = sandboxOf(`
    export const handler = async (event) => { if (event.kill) process.kill(${pid}, "SIGKILL"); return process.kill(${pid}, 0); };`);
  expect(await sandbox.invoke({ kill: true })).toMatchObject({
    reason: "exit",
    errorType: "Runtime.ExitError",
    errorMessage: matching(new RegExp(`^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: ${text}$`)),
  });
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: true });
});

test("an error whose message is mostly spaces takes no time to report", async () => {
  const { sandbox, invocations } = sandboxOf(
    `export const handler = async () => { throw new Error("a" + " ".repeat(1e6) + "b"); };`,
  );
  expect(await sandbox.invoke({})).toMatchObject({ ok: false, errorType: "Error" });
  expect(invocations()[0]).toMatchObject({ outcome: "handled", error: "Error: a" });
});
