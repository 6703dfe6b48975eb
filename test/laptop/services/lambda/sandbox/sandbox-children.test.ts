import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { folder, matching, sandboxOf } from "./sandbox-support.ts";

const PATIENCE = { timeout: 10_000 };

const SANDBOX = new URL("../../../../../lib/laptop/services/lambda/sandbox/sandbox.ts", import.meta.url).href;

/** A command that would run for most of an hour, and that no other process runs. */
function longCommand(): string {
  return `sleep ${randomInt(3_000, 3_600)}.${randomInt(100_000, 999_999)}`;
}

function runs(command: string): boolean {
  const all = execFileSync("ps", ["-A", "-o", "stat=,args="], { encoding: "utf8" }).split("\n");
  return all.some((line) => line.endsWith(command) && !line.startsWith("Z"));
}

describe.skipIf(process.platform === "win32")("a process that a function has started", () => {
  test.each([
    ["execSync", (command: string) => `child.execSync("${command}")`],
    ["execSync, in a shell that waits", (command: string) => `child.execSync("${command}; true")`],
    ["spawnSync", (command: string) => `child.spawnSync("/bin/sh", ["-c", "${command}"], { stdio: "inherit" })`],
  ])("and that it waits for by %s ends when the function's time is over", async (_how, wait) => {
    const command = longCommand();
    const { sandbox } = sandboxOf(
      `import * as child from "node:child_process";
      export const handler = async (event) => { if (event.wait) ${wait(command)}; return "quick"; };`,
      { timeoutSeconds: 1 },
    );
    const waiting = sandbox.invoke({ wait: true });
    await vi.waitUntil(() => runs(command), PATIENCE);
    expect(await waiting).toMatchObject({ reason: "timeout", errorType: "Sandbox.Timedout" });
    await expect.poll(() => runs(command), PATIENCE).toBe(false);
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "quick" });
  });

  test.each([
    [
      "lives on when the function has answered",
      (command: string) => `child.spawn("/bin/sh", ["-c", "${command}; true"]).unref()`,
    ],
    ["is detached", (command: string) => `child.exec("${command} & true", { detached: true })`],
    ["is waited for", (command: string) => `child.execSync("${command}; true")`],
  ])("and that %s ends with the execution environment", async (_what, start) => {
    const command = longCommand();
    const { sandbox } = sandboxOf(`
      import * as child from "node:child_process";
      export const handler = async () => { ${start(command)}; await new Promise((resolve) => setTimeout(resolve, 200)); };`);
    void sandbox.invoke({});
    await vi.waitUntil(() => runs(command), PATIENCE);
    await sandbox.stop();
    await expect.poll(() => runs(command), PATIENCE).toBe(false);
  });

  test("ends when the laptop cloud is killed", async () => {
    const command = longCommand();
    const codeDirectory = folder({
      "index.mjs": `import { execSync } from "node:child_process"; export const handler = async () => execSync("${command}; true");`,
    });
    const config = {
      name: "f",
      arn: "arn:aws:lambda:us-east-1:000000000000:function:f",
      runtime: "nodejs24.x",
      handler: "index.handler",
    };
    const settings = {
      ...config,
      codeDirectory,
      layers: [],
      projects: [],
      environment: {},
      timeoutSeconds: 900,
      memoryMegabytes: 128,
    };
    const source = `
      const { FunctionSandbox } = await import(${JSON.stringify(SANDBOX)});
      void new FunctionSandbox(${JSON.stringify(settings)}, () => {}).invoke({});
      setInterval(() => {}, 1_000);`;
    const cloud = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "ignore", "inherit"] });
    await vi.waitUntil(() => runs(command), PATIENCE);
    cloud.kill("SIGKILL");
    await once(cloud, "exit");
    await expect.poll(() => runs(command), PATIENCE).toBe(false);
  });

  test("stands still while the function is frozen, and goes on with the next invocation", async () => {
    const command = longCommand();
    const { sandbox } = sandboxOf(`
      import { spawn } from "node:child_process";
      import { setTimeout } from "node:timers/promises";
      export const handler = async (event) => {
        if (event.start) spawn("sleep", ["${command.split(" ")[1]}"]);
        else await setTimeout(5_000);
      };`);
    const state = () =>
      execFileSync("ps", ["-A", "-o", "stat=,args="], { encoding: "utf8" })
        .split("\n")
        .find((line) => line.endsWith(command))?.[0];
    await sandbox.invoke({ start: true });
    await expect.poll(state, PATIENCE).toBe("T");
    void sandbox.invoke({});
    await expect.poll(state, PATIENCE).toBe("S");
  });
});

test.skipIf(process.platform === "win32").each([
  [
    "spawn",
    `await once(child.spawn("sh", ["-c", "echo out; echo err >&2"], { stdio: ["ignore", event.out, event.err] }), "close")`,
  ],
  ["spawnSync", `child.spawnSync("sh", ["-c", "echo out; echo err >&2"], { stdio: ["ignore", event.out, event.err] })`],
])("what a process started by %s writes to either standard stream of its function is in the log", async (_how, start) => {
  const { sandbox, lines } = sandboxOf(`
    import * as child from "node:child_process";
    import { once } from "node:events";
    export const handler = async (event) => { ${start}; };`);
  for (const [out, err] of [
    [1, 2],
    [2, 1],
    [2, 2],
    ["ignore", 1],
    [2, "ignore"],
    ["inherit", "inherit"],
  ]) {
    const before = lines().length;
    expect(await sandbox.invoke({ out, err })).toMatchObject({ ok: true });
    const expected = [out === "ignore" ? [] : ["out"], err === "ignore" ? [] : ["err"]].flat();
    const written = () =>
      lines()
        .slice(before)
        .map(({ line }) => line)
        .sort();
    await expect.poll(written, PATIENCE).toEqual(expected.toSorted());
  }
});

// What has left its parent is found in /proc.
describe.skipIf(process.platform !== "linux")("a process that nobody seems to have started ends with its function", () => {
  test.each([
    ["it leads a session of its own", (command: string) => `execSync("setsid ${command} >/dev/null 2>&1 & true")`],
    [
      "a thread of the function waits for it",
      (command: string) => `new Worker('require("node:child_process").execSync("${command}")', { eval: true })`,
    ],
  ])("though %s", async (_what, start) => {
    const command = longCommand();
    const { sandbox } = sandboxOf(`
      import { execSync } from "node:child_process";
      import { Worker } from "node:worker_threads";
      export const handler = async () => { ${start(command)}; await new Promise((resolve) => setTimeout(resolve, 60_000)); };`);
    void sandbox.invoke({});
    await vi.waitUntil(() => runs(command), PATIENCE);
    await sandbox.stop();
    await expect.poll(() => runs(command), PATIENCE).toBe(false);
  });
});

describe("the memory of a function is also that of its processes: one of 128 MB is ended", () => {
  test("when it waits for a gigabyte", async () => {
    const { sandbox } = sandboxOf(`
      import { spawnSync } from "node:child_process";
      const source = "const piece = Buffer.alloc(1e6); for (let i = 0; i < 1_000; i += 1) require('node:fs').writeSync(1, piece);";
      export const handler = async (event) =>
        event.much ? spawnSync(process.execPath, ["-e", source], { maxBuffer: Infinity }).stdout.length : "little";`);
    expect(await sandbox.invoke({ much: true })).toMatchObject({ reason: "out of memory", errorType: "Runtime.OutOfMemory" });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "little" });
  });

  test.skipIf(process.platform !== "linux")("when a process holds half a gigabyte", async () => {
    const { sandbox } = sandboxOf(`
      import { execFileSync } from "node:child_process";
      const source = "const held = Buffer.alloc(500e6, 1); setTimeout(() => held, 60_000)";
      export const handler = async () => execFileSync(process.execPath, ["-e", source]);`);
    expect(await sandbox.invoke({})).toMatchObject({ reason: "out of memory", errorType: "Runtime.OutOfMemory" });
  });
});

describe.skipIf(process.platform === "win32")("a process that a function waits for", () => {
  test.each([
    ["gives what it writes", `execSync("echo out; echo aside >&2; exit 0", { encoding: "utf8", stdio: "pipe" })`, "out\n"],
    ["is given its input", `execFileSync("cat", { input: "in", encoding: "utf8" })`, "in"],
    ["runs where it is told to", `execSync("pwd", { cwd: "/", encoding: "utf8" })`, "/\n"],
    [
      "finds the environment it is given",
      `execSync("echo $GREETING", { env: { GREETING: "hi=ho" }, encoding: "utf8" })`,
      "hi=ho\n",
    ],
    ["tells its status", `spawnSync("/bin/sh", ["-c", "exit 3"]).status`, 3],
    ["tells its signal", `spawnSync("/bin/sh", ["-c", "kill -9 $$"]).signal`, "SIGKILL"],
    ["is told of where there is none", `spawnSync("/no/such/thing").error.code`, "ENOENT"],
    ["may take its time", `spawnSync("sleep", ["60"], { timeout: 50 }).error.code`, "ETIMEDOUT"],
    ["may write so much", `spawnSync("yes", { maxBuffer: 1_000 }).error.code`, "ENOBUFS"],
    ["has not ended well", `(() => { try { execSync("exit 4", { stdio: "ignore" }); } catch (e) { return e.status; } })()`, 4],
  ])("%s, as in Node", async (_what, expression, payload) => {
    const { sandbox } = sandboxOf(`
      import { execFileSync, execSync, spawnSync } from "node:child_process";
      export const handler = async () => ${expression};`);
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload });
  });

  test.each([
    ["waits for", `execSync("echo from the child; echo and aside >&2", { stdio: "inherit" })`],
    [
      "does not wait for",
      `await new Promise((resolve) => spawn("sh", ["-c", "echo from the child; echo and aside >&2"], { stdio: "inherit" }).on("close", resolve))`,
    ],
  ])("or %s writes to the function's log, and not to the terminal", async (_how, statement) => {
    const { sandbox, lines } = sandboxOf(`
      import { execSync, spawn } from "node:child_process";
      export const handler = async () => { ${statement}; };`);
    expect(await sandbox.invoke({})).toMatchObject({ ok: true });
    expect(
      lines()
        .map(({ line }) => line)
        .toSorted(),
    ).toEqual(["and aside", "from the child"]);
  });
});

test.skipIf(process.platform === "win32")(
  "a thread that waits for a named pipe is given up when its time is over, and ends when the pipe lets it",
  async () => {
    const pipe = join(folder({}), "pipe");
    execFileSync("mkfifo", [pipe]);
    const { sandbox, lines } = sandboxOf(
      `import { readFileSync } from "node:fs";
      export const handler = async (event) => event.read ? readFileSync(event.read, "utf8") : "quick";`,
      { timeoutSeconds: 0.3 },
    );
    expect(await sandbox.invoke({ read: pipe })).toMatchObject({ reason: "timeout", errorType: "Sandbox.Timedout" });
    expect(await sandbox.invoke({})).toEqual({ ok: true, payload: "quick" });
    await vi.waitUntil(() => sandbox.threadsGivenUp === 1, PATIENCE);
    expect(lines()).toMatchObject([
      { line: matching(/^A thread of the function does not end: it waits inside the operating system/) },
    ]);
    await sandbox.stop();
    closeSync(openSync(pipe, constants.O_RDWR));
    await vi.waitUntil(() => sandbox.threadsGivenUp === 0, PATIENCE);
  },
);
