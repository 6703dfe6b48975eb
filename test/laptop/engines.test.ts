import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { locateBinary } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { runCloud, runResources, temporaryFolder, writeAssembly } from "../support/cloud-support.ts";

const ENGINE = new URL("../../lib/laptop/services/dynamodb/engine/dynoxide.ts", import.meta.url).href;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process that starts an engine, tells its id, and then waits for ever. */
async function engineOfAnotherProcess() {
  const source = `
    const { startDynoxide } = await import(${JSON.stringify(ENGINE)});
    const { pid } = await startDynoxide({ onDeath: () => {} });
    console.log(pid);
    setInterval(() => {}, 1_000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  return { parent, enginePid: Number(String(line)) };
}

function parseLine(line: string): [pid: number, parent: number] {
  const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
  return [pid, parent];
}

/** The engine of this process: the child of its guard. */
function ownEngine(): number {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const parents = new Map(processes.map((line): [number, number] => parseLine(line)));
  const grandchildren = [...parents].filter(([pid, parent]) => parents.get(parent) === process.pid && isRunning(pid));
  const [engine] = grandchildren.map(([pid]) => pid);
  if (engine === undefined) throw new Error("this process runs no engine");
  return engine;
}

test("a killed parent leaves no engine behind", async () => {
  const { parent, enginePid } = await engineOfAnotherProcess();
  expect(isRunning(enginePid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitUntil(() => !isRunning(enginePid), { timeout: 10_000 });
});

test.skipIf(process.platform === "win32")("a cloud whose engine dies says so and stops", async () => {
  const cloud = await runResources({});
  const { promise: noticed, resolve } = Promise.withResolvers<string>();
  cloud.activity.subscribe((activity) => activity.kind === "notice" && resolve(activity.line));
  process.kill(ownEngine(), "SIGKILL");
  expect(await noticed).toMatch(/^The DynamoDB engine ended/);
  expect(await cloud.ended).toBe(await noticed);
  await expect(fetch(cloud.endpoint)).rejects.toThrow("fetch failed");
});

test("a platform without an engine is named, with the way out", () => {
  expect(() => locateBinary("sunos", "sparc")).toThrow(/^No DynamoDB engine for sunos-sparc: .* --dynamodb <endpoint>\.$/);
});

test("two clouds on one folder are refused, and the folder is free again once the first has stopped", async () => {
  const persist = join(temporaryFolder(), "state");
  const assembly = writeAssembly({});
  const first = await runCloud({ assembly, persist });
  await expect(runCloud({ assembly, persist })).rejects.toThrow(`${persist} is in use by process ${process.pid}.`);
  await first.stop();
  await runCloud({ assembly, persist });
});
