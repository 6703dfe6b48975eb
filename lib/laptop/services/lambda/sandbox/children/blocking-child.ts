import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { BlockingResult, BlockingSpawn, BlockingStdio, OnOutput } from "./messages.ts";
import { signalGroup } from "./signal-group.ts";

/** Whom a process that is waited for belongs to. */
interface BlockingOwner {
  /** Bytes that the function may hold. */
  readonly memoryLimit: number;
  readonly onOutput: OnOutput;
  /** Called when the process has written more. */
  onOutOfMemory(): void;
}

/** A process that a function's thread waits for, run as `spawnSync` runs it: its output is collected, and its limits are kept. */
export class BlockingChild {
  readonly result: Promise<BlockingResult>;
  readonly #spawn: BlockingSpawn;
  readonly #child: ChildProcess | undefined;
  readonly #pipes = new Map<number, Pipe>();
  readonly #owner: BlockingOwner;
  #error: number | undefined;
  /** Bytes of all pipes that are kept. */
  #kept = 0;

  constructor(given: BlockingSpawn, owner: BlockingOwner) {
    this.#spawn = given;
    this.#owner = owner;
    const { promise, resolve } = Promise.withResolvers<BlockingResult>();
    this.result = promise;
    try {
      this.#child = spawn(given.file, given.args.slice(1), optionsOf(given));
    } catch (error) {
      resolve(failed(error));
      return;
    }
    this.#collect(this.#child);
    const timer = given.timeout ? setTimeout(() => this.#kill(-constants.errno.ETIMEDOUT), given.timeout) : undefined;
    this.#child.once("error", (error) => resolve(failed(error)));
    this.#child.once("close", (status, signal) => {
      clearTimeout(timer);
      resolve(this.#ended(status, signal));
    });
  }

  /** Absent where it could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  #collect(child: ChildProcess): void {
    for (const [index, { type, readable, fd, input }] of this.#spawn.stdio.entries()) {
      const name = terminalStream(fd);
      const stream = child.stdio[index];
      stream?.on("error", () => {});
      if (type === "pipe" && readable) child.stdin?.end(input ?? "");
      else if (type === "pipe") this.#take(child, index);
      else if (name && stream) this.#log(name, stream);
    }
  }

  #log(name: "stdout" | "stderr", stream: Readable | Writable): void {
    const decoder = new StringDecoder("utf8");
    stream.on("data", (chunk: Buffer) => this.#owner.onOutput(name, decoder.write(chunk)));
  }

  #take(child: ChildProcess, index: number): void {
    const pipe: Pipe = { chunks: [], size: 0 };
    this.#pipes.set(index, pipe);
    const { maxBuffer = Infinity } = this.#spawn;
    const stream = child.stdio[index];
    stream?.on("data", (chunk: Buffer) => {
      const kept = chunk.subarray(0, Math.max(0, maxBuffer - pipe.size));
      pipe.chunks.push(kept);
      pipe.size += chunk.length;
      this.#kept += kept.length;
      if (this.#kept > this.#owner.memoryLimit) this.#endOutOfMemory();
      if (pipe.size > maxBuffer) this.#kill(-constants.errno.ENOBUFS);
    });
  }

  /** What the thread waits for is held here until the process ends: it is the function's all the same. */
  #endOutOfMemory(): void {
    this.#pipes.clear();
    this.#kill(-constants.errno.ENOMEM);
    this.#owner.onOutOfMemory();
  }

  #kill(error: number): void {
    this.#error ??= error;
    const name = Object.entries(constants.signals).find(([, number]) => number === this.#spawn.killSignal)?.[0] ?? "SIGTERM";
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of that table are the names of signals
    if (this.pid !== undefined) signalGroup(this.pid, name as NodeJS.Signals);
    // As spawnSync, do not wait for what the process has started.
    for (const stream of this.#child?.stdio ?? []) stream?.destroy();
  }

  #ended(status: number | null, signal: string | null): BlockingResult {
    const output = this.#spawn.stdio.map((_, index) => {
      const pipe = this.#pipes.get(index);
      return pipe ? Uint8Array.from(Buffer.concat(pipe.chunks)) : null;
    });
    const ended = { pid: this.pid ?? 0, status, signal, output };
    return this.#error === undefined ? ended : { ...ended, error: this.#error };
  }
}

interface Pipe {
  readonly chunks: Buffer[];
  /** What has come, kept or not. */
  size: number;
}

function optionsOf({ args, cwd, envPairs = [], stdio, uid, gid }: BlockingSpawn) {
  return {
    argv0: args[0] ?? "",
    ...(cwd !== undefined && { cwd }),
    env: Object.fromEntries(envPairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])),
    stdio: stdio.map(stdioOf),
    detached: process.platform !== "win32",
    windowsHide: true,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
}

/** The terminal is the cloud's user's: the function's log stands in for it. */
function stdioOf({ type, fd }: BlockingStdio): "pipe" | "ignore" | number {
  if (type === "pipe" || terminalStream(fd)) return "pipe";
  return fd === undefined || fd === 0 ? "ignore" : fd;
}

function terminalStream(fd: number | undefined): "stdout" | "stderr" | undefined {
  return fd === 1 ? "stdout" : fd === 2 ? "stderr" : undefined;
}

function failed(error: unknown): BlockingResult {
  const number =
    error instanceof Error && "errno" in error && typeof error.errno === "number" ? error.errno : -constants.errno.EINVAL;
  return { pid: 0, status: null, signal: null, output: null, error: number };
}
