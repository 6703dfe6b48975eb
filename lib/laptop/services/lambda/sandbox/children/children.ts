import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { BlockingChild } from "./blocking-child.ts";
import type { FromThread } from "./messages.ts";
import { reaper } from "./reaper.ts";
import { signalGroup } from "./signal-group.ts";

/** Takes what a process writes to a stream of the function's. */
export type OnOutput = (stream: "stdout" | "stderr", text: string) => void;

/** The processes that one execution environment has started: they stand still when it is frozen, and end with it. */
export class Children {
  /** What the function's thread is given. */
  readonly functionEnd: MessagePort;
  /** One Int32: 0 while the thread waits for a process. */
  readonly waiting = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #port: MessagePort;
  readonly #onOutput: OnOutput;
  /** By the id of the process that leads each. */
  readonly #groups = new Set<number>();
  #ended = false;

  constructor(onOutput: OnOutput) {
    const { port1, port2 } = new MessageChannel();
    this.functionEnd = port2;
    this.#port = port1;
    this.#onOutput = onOutput;
    port1.on("message", (message: FromThread) => this.#take(message));
    port1.unref();
  }

  freeze(): void {
    for (const group of this.#groups) signalGroup(group, "SIGSTOP");
  }

  thaw(): void {
    for (const group of this.#groups) signalGroup(group, "SIGCONT");
  }

  /** Ends them all. What the thread has said last is heard before. */
  end(): void {
    this.#ended = true;
    for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port)) this.#take(parsed(last));
    for (const group of this.#groups) {
      signalGroup(group, "SIGKILL");
      reaper.forget(group);
    }
    this.#groups.clear();
  }

  /** The thread has ended. */
  close(): void {
    this.end();
    this.#port.close();
  }

  #take(message: FromThread): void {
    if ("spawn" in message) void this.#spawn(message.spawn);
    else if ("started" in message) this.#add(message.started);
    // Its own children may live on.
    else if (!signalGroup(message.ended, 0)) this.#remove(message.ended);
  }

  #add(group: number): void {
    if (this.#ended) {
      signalGroup(group, "SIGKILL");
      return;
    }
    this.#groups.add(group);
    reaper.watch(group);
  }

  #remove(group: number): void {
    this.#groups.delete(group);
    reaper.forget(group);
  }

  async #spawn(spawn: Extract<FromThread, { spawn: unknown }>["spawn"]): Promise<void> {
    // Nobody waits any more.
    if (this.#ended) return;
    const child = new BlockingChild(spawn, this.#onOutput);
    if (child.pid !== undefined) this.#add(child.pid);
    const result = await child.result;
    if (child.pid !== undefined && !signalGroup(child.pid, 0)) this.#remove(child.pid);
    if (this.#ended) return;
    this.#port.postMessage(result);
    const waiting = new Int32Array(this.waiting);
    Atomics.store(waiting, 0, 1);
    Atomics.notify(waiting, 0);
  }
}

function parsed({ message }: { readonly message: unknown }): FromThread {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- install.ts alone has the other end
  return message as FromThread;
}
