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
    for (const name of logged) {
      this[name]?.on("data", (chunk: Buffer) => process[name].write(chunk));
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

/** The streams of the laptop cloud are its user's terminal: what would go there goes to the function's log. */
function withoutTerminal(stdio: unknown): { readonly stdio: unknown[]; readonly logged: ("stdout" | "stderr")[] } {
  const given: unknown[] = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  const isTerminal = (value: unknown, fd: number) => value === fd || value === "inherit";
  const [input, output, errors, ...others] = given;
  return {
    stdio: [
      isTerminal(input, 0) ? "ignore" : input,
      isTerminal(output, 1) ? "pipe" : output,
      isTerminal(errors, 2) ? "pipe" : errors,
      ...others,
    ],
    logged: [...(isTerminal(output, 1) ? ["stdout" as const] : []), ...(isTerminal(errors, 2) ? ["stderr" as const] : [])],
  };
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
