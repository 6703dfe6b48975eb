import { syncBuiltinESMExports } from "node:module";
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { type BlockingResult, type BlockingSpawn, CHILDREN, type ChildNews } from "./messages.ts";

const { ChildProcess } = process.getBuiltinModule("node:child_process");

/** What `ChildProcess.prototype.spawn` is given, as far as it matters here. */
interface SpawnOptions {
  readonly stdio?: unknown;
}

/** A child process with the method that all of Node's functions start one by. */
interface Spawning {
  spawn(options: SpawnOptions): unknown;
}

/** Node's own door to blocking child processes. */
interface SpawnSyncBinding {
  spawn(options: BlockingSpawn): unknown;
}

/**
 * Makes each process that the function starts lead a process group and known to the cloud, which ends it with the execution
 * environment. One that the thread waits for (`execSync`) is started by the cloud: a thread that waits inside Node could not be ended.
 *
 * @param shared see {@link CHILDREN}
 */
export function handOverChildren(port: MessagePort, shared: Int32Array<SharedArrayBuffer>): void {
  port.unref();
  reportStarts(port, shared);
  const binding = spawnSyncBinding();
  if (!binding) return;
  binding.spawn = (options) => {
    Atomics.store(shared, CHILDREN.waiting, 0);
    port.postMessage({ spawn: plain(options) });
    Atomics.wait(shared, CHILDREN.waiting, 0);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- children.ts alone has the other end
    const result = (receiveMessageOnPort(port) as { readonly message: BlockingResult }).message;
    return { ...result, output: result.output?.map((bytes) => bytes && Buffer.from(bytes)) ?? null };
  };
  syncBuiltinESMExports();
}

function reportStarts(port: MessagePort, shared: Int32Array<SharedArrayBuffer>): void {
  const tell = (news: ChildNews): void => port.postMessage(news);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a method that Node's types leave out
  const prototype = ChildProcess.prototype as typeof ChildProcess.prototype & Spawning;
  // oxlint-disable-next-line typescript/unbound-method -- called with the child process that it is for
  const { spawn } = prototype;
  prototype.spawn = function (this: typeof prototype, options) {
    const { stdio, logged } = withoutTerminal(options.stdio);
    Atomics.store(shared, CHILDREN.starting, 1);
    if (Atomics.load(shared, CHILDREN.ended) === 1) waitForTheEnd(shared);
    let result: unknown;
    try {
      result = Reflect.apply(spawn, this, [{ ...options, stdio, detached: process.platform !== "win32" }]);
      if (this.pid !== undefined) tell({ started: this.pid });
    } finally {
      Atomics.store(shared, CHILDREN.starting, 0);
    }
    const { pid } = this;
    if (pid !== undefined) this.once("exit", () => tell({ ended: pid }));
    for (const { name, log } of logged) {
      this[name]?.on("data", (chunk: Buffer) => process[log].write(chunk));
      this[name] = null;
    }
    return result;
  };
}

/** This thread is about to be ended. */
function waitForTheEnd(shared: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(shared, CHILDREN.starting, 0);
  Atomics.wait(shared, CHILDREN.ended, 1);
}

/** A stream of a process, and where it goes in the function's log. */
interface Logged {
  readonly name: "stdout" | "stderr";
  readonly log: "stdout" | "stderr";
}

/** The streams of the laptop cloud are its user's terminal: what would go there goes to the function's log. */
function withoutTerminal(stdio: unknown): { readonly stdio: unknown[]; readonly logged: readonly Logged[] } {
  const given: unknown[] = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  const [input, ...outputs] = given;
  const logs = outputs.map((value, index) => logOf(value, index + 1));
  const names = ["stdout", "stderr"] as const;
  return {
    stdio: [
      input === 0 || input === "inherit" ? "ignore" : input,
      ...outputs.map((value, index) => (logs[index] === undefined ? value : "pipe")),
    ],
    logged: names.flatMap((name, index) => (logs[index] === undefined ? [] : [{ name, log: logs[index] }])),
  };
}

/** Where stdout or stderr goes that is given a standard stream: its own, or the other one as by `2>&1`. */
function logOf(value: unknown, fd: number): Logged["log"] | undefined {
  if (fd > 2) return undefined;
  if (value === 1 || value === process.stdout || (value === "inherit" && fd === 1)) return "stdout";
  if (value === 2 || value === process.stderr || (value === "inherit" && fd === 2)) return "stderr";
  return undefined;
}

/** Of what Node passes, the part that can be posted. */
function plain({ file, args, cwd, envPairs, stdio, timeout, maxBuffer, killSignal, uid, gid }: BlockingSpawn): BlockingSpawn {
  const streams = stdio.map(({ type, readable, fd, input }) => ({ type, readable, fd, input: input && bytesOf(input) }));
  return { file, args, cwd, envPairs, stdio: streams, timeout, maxBuffer, killSignal, uid, gid };
}

/** A view of a larger buffer would be sent with all of that buffer. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Absent in a Node that does not hand it out: a thread then waits inside Node. */
function spawnSyncBinding(): SpawnSyncBinding | undefined {
  try {
    // oxlint-disable-next-line typescript/no-deprecated, typescript/no-unsafe-type-assertion, typescript/no-unsafe-call -- spawnSync, execSync and execFileSync all meet there
    return (process as unknown as { binding(name: string): SpawnSyncBinding }).binding("spawn_sync");
  } catch {
    return undefined;
  }
}
