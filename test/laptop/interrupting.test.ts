import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { clientConfig, lambda, runResources, table, temporaryFolder, writeAssembly } from "../support/cloud-support.ts";

const ROOT = join(import.meta.dirname, "../..");

const PATIENCE = { timeout: 10_000 };

/** `fanfare start` for an assembly, as from a terminal, with a folder for temporary files that nobody else uses. */
async function start(assembly: string) {
  const TMPDIR = temporaryFolder();
  const child = spawn(process.execPath, ["bin/fanfare.ts", "start", "--port", "0", "--assembly", assembly], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  await vi.waitUntil(() => /runs at http:\S+/.test(output), { timeout: 20_000 });
  return {
    pid: child.pid!,
    endpoint: /runs at (http:\S+)/.exec(output)?.[1] ?? "",
    output: () => output,
    /** What is left of it in the folder for temporary files. */
    leftovers: () => readdirSync(TMPDIR).filter((name) => !name.startsWith("fanfare-compile-cache-")),
    /** Ends it as Ctrl-C does; resolves with the exit code. */
    interrupt: async () => {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      const [code] = await ended;
      return code as unknown;
    },
  };
}

/** Processes with this parent, or this text in their command line. */
function processes({ parent, text }: { parent?: number; text?: string }): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const [, pid, ppid, stat = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const isIt = text === undefined ? Number(ppid) === parent : command.includes(text);
    return isIt && !stat.startsWith("Z") ? [Number(pid)] : [];
  });
}

function descendants(root: number): number[] {
  const children = processes({ parent: root });
  return [...children, ...children.flatMap(descendants)];
}

/** A function whose code stands in the template, so that the cloud makes a folder for it. */
function inlineFunction(name: string, source: string) {
  const { Properties, ...resource } = lambda(name, "none");
  return { ...resource, Properties: { ...Properties, Timeout: 900, Code: { ZipFile: source } } };
}

describe.skipIf(process.platform === "win32")(
  "Ctrl-C ends the laptop cloud, and leaves no engine, child or folder behind, while",
  () => {
    test.each([
      ["a handler waits for a process", (command: string) => `require("node:child_process").execSync("${command}; true")`],
      ["a handler computes for ever", () => "for (;;);"],
      ["a thread waits for a named pipe", (_command: string, pipe: string) => `require("node:fs").readFileSync("${pipe}")`],
    ])("%s", async (_what, statement) => {
      const command = `sleep ${randomInt(3_000, 3_600)}.${randomInt(100_000, 999_999)}`;
      const pipe = join(temporaryFolder(), "pipe");
      const begun = join(temporaryFolder(), "begun");
      execFileSync("mkfifo", [pipe]);
      const source = `exports.handler = async () => { require("node:fs").writeFileSync("${begun}", ""); ${statement(command, pipe)}; };`;
      const resources = { Hangs: inlineFunction("hangs", source), Table: table("orders") };
      const cloud = await start(writeAssembly({ shop: { Resources: resources } }));
      const engines = descendants(cloud.pid);
      expect(engines).not.toEqual([]);
      expect(cloud.leftovers()).toHaveLength(1);
      new LambdaClient(clientConfig(cloud)).send(new InvokeCommand({ FunctionName: "hangs" })).catch(() => {});
      await vi.waitUntil(() => existsSync(begun), PATIENCE);

      expect(await cloud.interrupt()).toBe(0);

      await vi.waitUntil(() => engines.every((pid) => !isAlive(pid)), PATIENCE);
      await expect.poll(() => processes({ text: command }), PATIENCE).toEqual([]);
      expect(cloud.leftovers()).toEqual([]);
    });

    test("connections are half open and the engine does not answer", async () => {
      const cloud = await start(writeAssembly({ shop: { Resources: { Table: table("orders") } } }));
      const engines = descendants(cloud.pid);
      for (const pid of engines) process.kill(pid, "SIGSTOP");
      const { port } = new URL(cloud.endpoint);
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => {});
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
      socket.write("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf a body");
      void fetch(cloud.endpoint, {
        method: "POST",
        headers: { "x-amz-target": "DynamoDB_20120810.ListTables" },
        body: "{}",
      }).catch(() => {});

      expect(await cloud.interrupt()).toBe(0);

      await vi.waitUntil(() => engines.every((pid) => !isAlive(pid)), PATIENCE);
      expect(cloud.leftovers()).toEqual([]);
    });
  },
);

describe("the folder of a cloud", () => {
  /** A folder as a cloud leaves it that was killed a while ago. */
  function deadFolder(name: string): string {
    const path = join(tmpdir(), name);
    mkdirSync(path);
    writeFileSync(join(path, "index.js"), "");
    const hourAgo = Date.now() / 1_000 - 3_600;
    utimesSync(path, hourAgo, hourAgo);
    return path;
  }

  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("fanfare-code-"));

  test("that was killed is swept by the next one, and the folder of one that runs is not", async () => {
    const running = folders();
    const source = "exports.handler = async () => 1;";
    const first = await runResources({ Hello: inlineFunction("hello", source) });
    const own = folders().filter((name) => !running.includes(name));
    const hourAgo = Date.now() / 1_000 - 3_600;
    for (const name of own) utimesSync(join(tmpdir(), name), hourAgo, hourAgo);
    const dead = `fanfare-code-dead-${randomInt(1e9)}`;
    deadFolder(dead);

    await runResources({});

    expect(folders()).not.toContain(dead);
    expect(folders()).toEqual(expect.arrayContaining(own));
    const { Payload } = await new LambdaClient(clientConfig(first)).send(new InvokeCommand({ FunctionName: "hello" }));
    expect(Buffer.from(Payload ?? []).toString()).toBe("1");
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
