import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createConnection } from "node:net";
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { CloudError, joinLines } from "../../../shared/errors.ts";
import { keptFile, memoryFile } from "./engine-file.ts";
import { type EngineAddress, hiddenAddresses, urlOf } from "./address.ts";
import { spawnGuarded } from "./guard.ts";

const READY_WITHIN_MILLISECONDS = 10_000;

/** DynamoDB, running beside this process. */
export interface TableEngine {
  readonly address: EngineAddress;
  /** The address as a URL. */
  readonly endpoint: string;
  /** The engine's process id. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface TableEngineOptions {
  /** The SQLite file that keeps the tables. Absent: they live as long as the engine. */
  readonly file?: string;
  /** Called once with one line if the engine ends without having been stopped. */
  readonly onDeath: (reason: string) => void;
}

/**
 * Starts dynoxide on a loopback address that web pages cannot reach, and waits until it accepts connections.
 *
 * @throws CloudError where there is no binary for this platform, or it does not start.
 */
export async function startDynoxide(options: TableEngineOptions): Promise<TableEngine> {
  const binary = locateBinary(process.platform, process.arch);
  const file = options.file === undefined ? memoryFile() : keptFile(options.file);
  let failure = "";
  try {
    for await (const address of hiddenAddresses()) {
      const child = spawnGuarded(binary, argumentsFor(address, file?.path));
      const stderr = lastLines(child);
      const pid = await engineId(child);
      if (pid !== undefined && (await accepts(address, child, stderr))) {
        file?.complete();
        return runningEngine(child, address, pid, stderr, options.onDeath);
      }
      await end(child);
      failure = stderr();
    }
  } finally {
    file?.unlink();
  }
  throw new CloudError(`The DynamoDB engine did not start: ${failure || binary}. Use another with --dynamodb <endpoint>.`);
}

/** Where npm put the binary for a platform. @throws CloudError where there is none. */
export function locateBinary(platform: string, architecture: string): string {
  const name = `@dynoxide/${platform}-${architecture}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), platform === "win32" ? "dynoxide.exe" : "dynoxide");
  } catch {
    throw new CloudError(
      `No DynamoDB engine for ${platform}-${architecture}: npm package ${name} is not installed. ` +
        "Run npm ci again, or use another DynamoDB with --dynamodb <endpoint>.",
    );
  }
}

function argumentsFor({ host, port }: EngineAddress, file: string | undefined): string[] {
  const bound = host.includes(":") ? `[${host}]` : host;
  return ["--host", bound, "--port", String(port), ...(file === undefined ? [] : ["--db-path", file])];
}

function runningEngine(
  child: ChildProcess,
  address: EngineAddress,
  pid: number,
  stderr: () => string,
  onDeath: (reason: string) => void,
): TableEngine {
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (!stopping) onDeath(`The DynamoDB engine ended (${signal ?? `exit code ${code}`}): ${stderr() || "it said nothing"}`);
  });
  return {
    address,
    endpoint: urlOf(address),
    pid,
    stop: async () => {
      stopping = true;
      await end(child);
    },
  };
}

/** How long the guard may take to end. One that was stopped by a signal would take for ever. */
const GUARD_ENDS_WITHIN_MILLISECONDS = 500;

/** Closing the guard's standard input is what ends the engine. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.destroy();
  const timer = setTimeout(() => killGroup(child), GUARD_ENDS_WITHIN_MILLISECONDS);
  await ended;
  clearTimeout(timer);
}

/** The guard leads a process group, and the engine is in it. */
function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
}

/** The engine's process id is the guard's first line; absent where the guard ended without one. */
async function engineId(child: ChildProcess): Promise<number | undefined> {
  if (!child.stdout) return undefined;
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    child.stdout.resume();
    return Number.parseInt(String(chunk), 10);
  }
  return undefined;
}

/**
 * Waits until the engine accepts connections; false where it ended or took too long. Its own word comes first, since
 * where another process has taken the port a connection alone proves nothing.
 */
async function accepts(address: EngineAddress, child: ChildProcess, stderr: () => string): Promise<boolean> {
  const limit = Date.now() + READY_WITHIN_MILLISECONDS;
  while (Date.now() < limit && child.exitCode === null) {
    if (stderr().includes("listening on") && (await connects(address))) return true;
    await delay(2);
  }
  return false;
}

function connects({ host, port }: EngineAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Keeps the end of what the engine writes to stderr, as one line, for the day it fails. */
function lastLines(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (tail = (tail + text).slice(-1_000)));
  child.on("error", (error) => (tail += error.message));
  return () => joinLines(tail);
}
