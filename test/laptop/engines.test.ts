import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
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

/** Linux alone tells which files a process has open. */
function filesOpenOf(pid: number): string[] {
  if (process.platform !== "linux") return [];
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((name) => readlinkSync(join(folder, name)));
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

/** Whether this user may give a process a /dev/shm of its own is found out before the tests. */
const mayMount = canMount();

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!mayMount)("where no file can be made in /dev/shm, the engine keeps the tables in its own memory", () => {
  const source = `
    const { startDynoxide } = await import(${JSON.stringify(ENGINE)});
    const engine = await startDynoxide({ onDeath: () => {} });
    await engine.stop();
    console.log("has run");`;
  const command = `mount -t tmpfs -o ro,size=2g tmpfs /dev/shm && exec "$0" --input-type=module -e "$1"`;
  const output = execFileSync("unshare", ["-m", "sh", "-c", command, process.execPath, source], { encoding: "utf8" });
  expect(output).toBe("has run\n");
});

test.skipIf(!existsSync("/dev/shm"))("what a start that was killed has left in /dev/shm is swept", async () => {
  const [dead, young] = [mkdtempSync("/dev/shm/fanfare-"), mkdtempSync("/dev/shm/fanfare-")];
  onTestFinished(() => [dead, young].forEach((path) => rmSync(path, { recursive: true, force: true })));
  writeFileSync(join(dead, "tables.sqlite"), "");
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(dead, hourAgo, hourAgo);
  await runResources({});
  expect([existsSync(dead), existsSync(young)]).toEqual([false, true]);
});

test("a killed parent leaves no engine behind, and no file of it", async () => {
  const { parent, enginePid } = await engineOfAnotherProcess();
  expect(isRunning(enginePid)).toBe(true);
  expect(filesOpenOf(enginePid).filter((file) => existsSync(file) && file.includes("fanfare"))).toEqual([]);
  parent.kill("SIGKILL");
  await vi.waitUntil(() => !isRunning(enginePid), { timeout: 10_000 });
});

test("the engine looks up a stream's records by an index, however long the stream is", async () => {
  const persist = join(temporaryFolder(), "state");
  const cloud = await runCloud({ assembly: writeAssembly({}), persist });
  await cloud.stop();
  using database = new DatabaseSync(join(persist, "dynamodb.sqlite"), { readOnly: true });
  const plan = (query: string) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .all()
      .map(({ detail }) => detail);
  const number = "CAST(sequence_number AS INTEGER)";
  expect(plan(`SELECT MAX(${number}) FROM _stream_records WHERE table_name = 'orders'`)).toEqual([
    expect.stringContaining("USING COVERING INDEX fanfare_stream_order"),
  ]);
  expect(
    plan(
      `SELECT * FROM _stream_records WHERE table_name = 'orders' AND shard_id = '1' AND ${number} > 7 ORDER BY ${number} LIMIT 4`,
    ),
  ).toEqual([expect.stringContaining("USING INDEX fanfare_stream_order")]);
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
  await expect(runCloud({ assembly, persist })).rejects.toThrow(`${persist} is in use by process ${process.pid} on `);
  await first.stop();
  await runCloud({ assembly, persist });
});
