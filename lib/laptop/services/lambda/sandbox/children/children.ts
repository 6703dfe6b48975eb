import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { BlockingChild } from "./blocking-child.ts";
import { CHILDREN, type FromThread, type OnOutput } from "./messages.ts";
import { processesWith, residentBytes } from "./processes.ts";
import { reaper } from "./reaper.ts";
import { signal, signalGroup } from "./signal-group.ts";

/** How often the memory of running processes is looked at. */
const LOOK_EVERY_MILLISECONDS = 250;

/** What the processes of an execution environment belong to. */
export interface ChildrenOwner {
  /** `NAME=value` that they, and theirs, have in their environments. */
  readonly variable: string;
  /** Bytes that they may hold together. */
  readonly memoryLimit: number;
  readonly onOutput: OnOutput;
  /** Called when they hold more, or what the thread waits for is more. */
  onOutOfMemory(): void;
}

/** The processes that one execution environment has started: they stand still when it is frozen, and end with it. */
export class Children {
  /** What the function's thread is given. */
  readonly functionEnd: MessagePort;
  /** See {@link CHILDREN}. */
  readonly shared = new Int32Array(new SharedArrayBuffer(CHILDREN.places * Int32Array.BYTES_PER_ELEMENT));
  readonly #port: MessagePort;
  readonly #owner: ChildrenOwner;
  /** By the id of the process that leads each. */
  readonly #groups = new Set<number>();
  #ended = false;
  #hasStarted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: ChildrenOwner) {
    const { port1, port2 } = new MessageChannel();
    this.functionEnd = port2;
    this.#port = port1;
    this.#owner = owner;
    port1.on("message", (message: FromThread) => this.#take(message));
    port1.unref();
  }

  freeze(): void {
    for (const group of this.#groups) signalGroup(group, "SIGSTOP");
  }

  thaw(): void {
    for (const group of this.#groups) signalGroup(group, "SIGCONT");
  }

  /** Whether the thread is starting one at this moment. */
  get starting(): boolean {
    return Atomics.load(this.shared, CHILDREN.starting) === 1;
  }

  /** Ends them all, and lets no more be started. What the thread has said last is heard before. */
  end(): void {
    this.#ended = true;
    Atomics.store(this.shared, CHILDREN.ended, 1);
    for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port)) this.#take(parsed(last));
    for (const group of this.#groups) {
      signalGroup(group, "SIGKILL");
      reaper.forget(group);
    }
    this.#groups.clear();
    clearInterval(this.#timer);
    if (this.#hasStarted) this.endStrays();
  }

  /** Ends what has left its group (`setsid`), or was started by a thread that the function has started. */
  endStrays(): void {
    for (const pid of processesWith(this.#owner.variable)) signal(pid, "SIGKILL");
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
    this.#hasStarted = true;
    this.#groups.add(group);
    reaper.watch(group);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MILLISECONDS).unref();
  }

  #remove(group: number): void {
    this.#groups.delete(group);
    reaper.forget(group);
    if (this.#groups.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (residentBytes(this.#groups) > this.#owner.memoryLimit) this.#owner.onOutOfMemory();
  }

  async #spawn(spawn: Extract<FromThread, { spawn: unknown }>["spawn"]): Promise<void> {
    // Nobody waits any more.
    if (this.#ended) return;
    reaper.prepare();
    const child = new BlockingChild(spawn, this.#owner);
    if (child.pid === undefined) reaper.rest();
    else this.#add(child.pid);
    const result = await child.result;
    if (child.pid !== undefined && !signalGroup(child.pid, 0)) this.#remove(child.pid);
    if (this.#ended) return;
    this.#port.postMessage(result);
    Atomics.store(this.shared, CHILDREN.waiting, 1);
    Atomics.notify(this.shared, CHILDREN.waiting);
  }
}

function parsed({ message }: { readonly message: unknown }): FromThread {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- install.ts alone has the other end
  return message as FromThread;
}
