import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, matching, sandboxOf } from "./sandbox/sandbox-support.ts";

const installed = (name: string, source: string) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, main: "index.js" }),
  [`node_modules/${name}/index.js`]: source,
});

const layered = (name: string, source: string) =>
  Object.fromEntries(Object.entries(installed(name, source)).map(([path, text]) => [`nodejs/${path}`, text]));

describe("a function's imports find", () => {
  test.each([
    ["by import", { "index.mjs": `import value from "thing"; export const handler = () => value;` }],
    ["by require", { "index.cjs": `exports.handler = () => require("thing");` }],
    ["by import()", { "index.js": `exports.handler = async () => (await import("thing")).default;` }],
  ])("what lies in its own node_modules, %s", async (_how, files) => {
    const { sandbox } = sandboxOf({ ...files, ...installed("thing", "module.exports = 'own';") });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "own" });
  });

  test.each([
    ["import", { "index.mjs": `import value from "thing"; export const handler = () => value;` }],
    ["require", { "src/index.js": `exports.handler = () => require("thing");` }],
  ])("by %s what lies in a layer, of two layers in the later one", async (_how, files) => {
    const layers = [
      folder({ ...layered("thing", "module.exports = 'first';"), ...layered("other", "module.exports = 1;") }),
      folder(layered("thing", "module.exports = require('other') + ' and second';")),
    ];
    const handler = "src/index.js" in files ? "src/index.handler" : "index.handler";
    const { sandbox } = sandboxOf(files, { layers, handler });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "1 and second" });
  });

  test("what a layer has for the function's own runtime alone", async () => {
    const layer = folder({
      "nodejs/node22/node_modules/thing/index.js": "module.exports = 22;",
      ...layered("thing", "module.exports = 'any';"),
    });
    const source = `exports.handler = async () => require("thing");`;
    const payload = async (runtime: string) =>
      sandboxOf({ "index.js": source }, { layers: [layer], runtime }).sandbox.invoke({});
    expect(await payload("nodejs22.x")).toEqual({ ok: true, payload: 22 });
    expect(await payload("nodejs20.x")).toEqual({ ok: true, payload: "any" });
  });

  test("a layer's file by its path below /opt", async () => {
    const layers = [folder({ "nodejs/shared.js": "exports.greet = () => 'hello';" })];
    const required = sandboxOf(
      { "index.js": `exports.handler = async () => require("/opt/nodejs/shared").greet();` },
      { layers },
    );
    expect(await required.sandbox.invoke({})).toEqual({ ok: true, payload: "hello" });
    const imported = sandboxOf(`import { greet } from "/opt/nodejs/shared.js"; export const handler = () => greet();`, {
      layers,
    });
    expect(await imported.sandbox.invoke({})).toEqual({ ok: true, payload: "hello" });
  });

  test.each([
    [
      "import",
      { "index.mjs": `import { SQSClient } from "@aws-sdk/client-sqs"; export const handler = () => SQSClient.name;` },
    ],
    ["require", { "index.js": `exports.handler = async () => require("@aws-sdk/client-sqs").SQSClient.name;` }],
  ])("version 3 of the AWS SDK without bringing it, by %s", async (_how, files) => {
    const { sandbox } = sandboxOf(files);
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "SQSClient" });
  });

  test("version 2 in the user's project", async () => {
    const project = folder(installed("aws-sdk", "module.exports = { VERSION: '2' };"));
    const { sandbox } = sandboxOf(
      { "index.js": `exports.handler = async () => require("aws-sdk").VERSION;` },
      { projects: [project] },
    );
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "2" });
  });

  test("a file beside it as CommonJS, although the project above is of ES modules", async () => {
    const project = folder({
      "package.json": `{"type":"module"}`,
      "asset/src/index.js": `exports.handler = async () => require("../lib/util.js").answer;`,
      "asset/lib/util.js": "exports.answer = 42;",
      "esm/index.mjs": `import { answer } from "./util.js"; export const handler = () => answer;`,
      "esm/util.js": "exports.answer = 43;",
    });
    const required = sandboxOf({}, { codeDirectory: join(project, "asset"), handler: "src/index.handler" });
    expect(await required.sandbox.invoke({})).toEqual({ ok: true, payload: 42 });
    const imported = sandboxOf({}, { codeDirectory: join(project, "esm") });
    expect(await imported.sandbox.invoke({})).toEqual({ ok: true, payload: 43 });
  });

  test("a package that its node_modules link to", async () => {
    const project = folder(installed("thing", "module.exports = 'linked';"));
    const code = folder({ "index.mjs": `import value from "thing"; export const handler = () => value;` });
    mkdirSync(join(code, "node_modules"));
    symlinkSync(join(project, "node_modules/thing"), join(code, "node_modules/thing"));
    const { sandbox } = sandboxOf({}, { codeDirectory: code });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "linked" });
  });
});

describe("an import that Lambda would not resolve is not resolved here", () => {
  test("though a folder above the code has the package", async () => {
    const project = folder({
      ...installed("thing", "module.exports = 'stray';"),
      "asset/index.js": `require("thing"); exports.handler = () => 1;`,
    });
    const { sandbox } = sandboxOf({}, { codeDirectory: join(project, "asset") });
    expect(await sandbox.invoke({})).toMatchObject({
      reason: "init",
      errorType: "Runtime.ImportModuleError",
      errorMessage: matching(/Cannot find package 'thing': neither the function's code nor a layer of it has it/),
    });
  });

  test("and a part of the SDK that is not installed is named, with what to do", async () => {
    const { sandbox } = sandboxOf(`import "@aws-sdk/client-no-such"; export const handler = () => {};`);
    expect(await sandbox.invoke({})).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      errorMessage: matching(/npm install --save-dev @aws-sdk\/client-no-such$/),
    });
  });

  test("but may be tried for in vain", async () => {
    const { sandbox } = sandboxOf({
      "index.js": `let found = true; try { require("optional"); } catch { found = false; } exports.handler = async () => found;`,
    });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: false });
  });
});

describe("a handler of a runtime before nodejs24.x", () => {
  const run = (body: string) =>
    sandboxOf({ "index.js": `exports.handler = ${body};` }, { runtime: "nodejs22.x" }).sandbox.invoke({ a: 1 });

  test.each([
    ["gives its result to the callback", "(event, context, done) => done(null, event)", { a: 1 }],
    ["calls back later", "(event, context, done) => { setTimeout(() => done(null, 'late'), 5); }", "late"],
    [
      "calls back, and more happens before the event loop is empty",
      "(e, c, done) => { const r = {}; done(null, r); setTimeout(() => { r.more = 1; }, 5); }",
      { more: 1 },
    ],
    [
      "does not wait for the event loop",
      "(e, c, done) => { c.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000); done(null, 'now'); }",
      "now",
    ],
    ["never calls back", "() => 'ignored'", null],
    ["is async", "async (event) => event.a", 1],
    ["calls context.succeed", "(event, context) => context.succeed('done')", "done"],
  ])("that %s", async (_what, body, payload) => {
    expect(await run(body)).toEqual({ ok: true, payload });
  });

  test.each([
    ["an error to the callback", "(event, context, done) => done(new RangeError('no'))"],
    ["an error to context.fail", "(event, context) => context.fail(new RangeError('no'))"],
    ["an error by throwing", "() => { throw new RangeError('no'); }"],
  ])("gives %s", async (_what, body) => {
    expect(await run(body)).toEqual({ ok: false, reason: "handled", errorType: "RangeError", errorMessage: "no" });
  });

  test("runs again in the same environment after a callback", async () => {
    const source = "let count = 0; exports.handler = (event, context, done) => setTimeout(() => done(null, ++count), 1);";
    const { sandbox } = sandboxOf({ "index.js": source }, { runtime: "nodejs18.x" });
    expect([await sandbox.invoke({}), await sandbox.invoke({})]).toMatchObject([{ payload: 1 }, { payload: 2 }]);
    expect(sandbox.environments).toBe(1);
  });
});

test("a handler that streams its response is told that there is no streaming here", async () => {
  const { sandbox } = sandboxOf(`export const handler = awslambda.streamifyResponse(async () => {});`);
  expect(await sandbox.invoke({})).toMatchObject({ reason: "init", errorMessage: matching(/response streaming does not run/) });
});

describe("NODE_OPTIONS", () => {
  const run = (NODE_OPTIONS: string) =>
    sandboxOf(`export const handler = () => process.noDeprecation === true;`, { environment: { NODE_OPTIONS } });

  test("hold for the function", async () => {
    expect(await run("--enable-source-maps --no-deprecation").sandbox.invoke({})).toEqual({ ok: true, payload: true });
  });

  test("that a worker thread cannot have are left out, and the log says so", async () => {
    const { sandbox, lines } = run("--title=orders --no-deprecation");
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: false });
    expect(lines()).toMatchObject([{ line: matching(/without its NODE_OPTIONS.*--title/) }]);
  });
});

test("an edited layer is no concern of a function that is loaded", async () => {
  const layer = folder(layered("thing", "module.exports = 1;"));
  const { sandbox } = sandboxOf({ "index.js": `exports.handler = async () => require("thing");` }, { layers: [layer] });
  await sandbox.invoke({});
  writeFileSync(join(layer, "nodejs/node_modules/thing/index.js"), "module.exports = 2;");
  expect(await sandbox.invoke({})).toEqual({ ok: true, payload: 1 });
});
