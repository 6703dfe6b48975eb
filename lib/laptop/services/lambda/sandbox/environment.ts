import type { Worker } from "node:worker_threads";
import { leaveThreadsAtExit } from "../../../shared/leave-now.ts";
import type { FunctionConfig, InvocationResult } from "../functions/function-config.ts";
import { oneLine } from "./errors.ts";
import type { AnswerCall } from "../../context.ts";
import { Children } from "./children/children.ts";
import { GatewayLink } from "./link/gateway-link.ts";
import { memoryLimit } from "./memory-limit.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { FunctionOutput } from "./function-output.ts";
import { type Invocation, isWorkerMessage, SHARED, type WorkerMessage } from "./protocol.ts";
import { asInitFailure, type Failure, failure, resultOf } from "./results.ts";
import { LOG_STREAM, newLogStreamName, startWorker } from "./start-worker.ts";

/** Whom an execution environment tells about itself. */
export interface EnvironmentOwner {
  /** The bundle is loaded: invocations can come. */
  onReady(environment: ExecutionEnvironment): void;
  /** The worker is gone, or given up. `initFailure` says why it never became ready; absent if it did, or if it was stopped. */
  onGone(environment: ExecutionEnvironment, initFailure?: Failure): void;
  onLine(line: string, requestId: string | undefined): void;
  /** A thread that had been given up has ended after all. */
  onEndedLate(environment: ExecutionEnvironment): void;
}

interface RunningInvocation {
  readonly requestId: string;
  readonly settle: (result: InvocationResult) => void;
  readonly timeout: NodeJS.Timeout;
}

/** Time that Lambda gives a bundle to load. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const INIT_SECONDS = 10;

/**
 * How long a thread may take to end. One that waits inside the operating system, for a named pipe say, cannot be ended: it is given up,
 * and stays until this process ends.
 */
const ENDS_WITHIN_MILLISECONDS = 1_000;

/** One Lambda execution environment: a worker thread with one loaded bundle, which runs one invocation at a time. */
export class ExecutionEnvironment {
  readonly #config: FunctionConfig;
  readonly #owner: EnvironmentOwner;
  readonly #worker: Worker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED.places * Int32Array.BYTES_PER_ELEMENT));
  readonly #children: Children;
  readonly #memory: MemoryWatch;
  readonly #link: GatewayLink | undefined;
  readonly #initTimeout: NodeJS.Timeout;
  readonly #output: FunctionOutput;
  readonly #gone = Promise.withResolvers<void>();
  #state: "starting" | "ready" | "gone" = "starting";
  #stopping = false;
  #givenUp = false;
  #giveUpTimer: NodeJS.Timeout | undefined;
  /** Runs while the worker has not come to rest after an invocation. */
  #restTimer: NodeJS.Timeout | undefined;
  #invocation: RunningInvocation | undefined;
  /** Why the worker is about to exit, as far as it is known before. */
  #lastWords: Failure | undefined;

  /** @throws Error when no worker thread can be started. */
  constructor(config: FunctionConfig, owner: EnvironmentOwner, answer?: AnswerCall) {
    this.#config = config;
    this.#owner = owner;
    this.#output = new FunctionOutput(this.#shared, (line) => owner.onLine(line, this.#invocation?.requestId));
    const logStreamName = newLogStreamName();
    this.#children = new Children({
      variable: `${LOG_STREAM}=${logStreamName}`,
      memoryLimit: memoryLimit(config.memoryMegabytes),
      onOutput: (stream, text) => this.#output.add(stream, text),
      onOutOfMemory: () => this.#endOutOfMemory(),
    });
    this.#link = answer && new GatewayLink(answer);
    this.#worker = this.#startWorker(logStreamName);
    this.#memory = new MemoryWatch(
      this.#worker,
      config.memoryMegabytes,
      () => !this.starting && this.#invocation === undefined && this.#isFrozen,
      () => this.#endOutOfMemory(),
    );
    this.#initTimeout = setTimeout(() => this.#endInitialisation(), INIT_SECONDS * 1000);
  }

  /** False when the worker is gone or going. */
  get usable(): boolean {
    return this.#state !== "gone" && !this.#stopping && this.#lastWords === undefined;
  }

  get starting(): boolean {
    return this.#state === "starting";
  }

  /** Whether its thread could not be ended. */
  get givenUp(): boolean {
    return this.#givenUp;
  }

  /** Runs one invocation; the environment has to be ready and free. */
  run({ requestId, event, invokedArn, version }: Omit<Invocation, "deadline">): Promise<InvocationResult> {
    const milliseconds = this.#config.timeoutSeconds * 1000;
    this.#memory.wake();
    this.#children.thaw();
    this.#output.begin();
    return new Promise((settle) => {
      const timeout = setTimeout(() => this.#endInvocation(requestId), milliseconds);
      this.#invocation = { requestId, settle, timeout };
      const deadline = Date.now() + milliseconds;
      this.#worker.postMessage({ requestId, event, invokedArn, version, deadline } satisfies Invocation);
      Atomics.add(this.#shared, SHARED.invocations, 1);
      Atomics.notify(this.#shared, SHARED.invocations);
    });
  }

  /** Stops the worker, whatever it does; resolves when it is gone or given up. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#terminate();
    return this.#gone.promise;
  }

  get #isFrozen(): boolean {
    return Atomics.load(this.#shared, SHARED.frozen) === 1;
  }

  #startWorker(logStreamName: string): Worker {
    const connections = { link: this.#link?.functionEnd, children: this.#children, shared: this.#shared.buffer, logStreamName };
    const worker = startWorker(this.#config, connections, (line) => this.#owner.onLine(line, undefined));
    worker.on("message", (message: unknown) => {
      if (isWorkerMessage(message)) this.#onMessage(message);
    });
    worker.on("error", (error) => this.#onError(error));
    worker.on("exit", (code) => this.#onExit(code));
    return worker;
  }

  #terminate(): void {
    if (this.#state === "gone") return;
    this.#children.end();
    this.#giveUpTimer ??= setTimeout(() => this.#giveUp(), ENDS_WITHIN_MILLISECONDS);
    this.#terminateThread();
  }

  /** Not between the start of a child and the word of it. */
  #terminateThread(): void {
    if (this.#children.starting && !this.#givenUp) setTimeout(() => this.#terminateThread(), 1);
    else void this.#worker.terminate();
  }

  #giveUp(): void {
    this.#givenUp = true;
    this.#worker.unref();
    this.#children.endStrays();
    leaveThreadsAtExit();
    this.#owner.onLine(
      "A thread of the function does not end: it waits inside the operating system, as for a named pipe, or computes inside Node. It counts as one of the function's until it does.",
      this.#invocation?.requestId,
    );
    this.#end(1);
  }

  #onMessage(message: WorkerMessage): void {
    switch (message.kind) {
      case "ready":
        clearTimeout(this.#initTimeout);
        this.#state = "ready";
        if (this.usable) this.#owner.onReady(this);
        return;
      case "stdout":
      case "stderr":
        this.#output.take(message.kind, message.text);
        return;
      case "result":
        this.#settle(resultOf(message.payload));
        return;
      case "memory":
        this.#endOutOfMemory();
        return;
      case "handled":
        this.#settle(failure("handled", message));
        return;
      case "init":
        this.#lastWords = failure("init", message);
        return;
      case "fatal":
        this.#lastWords = failure("exit", message);
    }
  }

  #onError(error: unknown): void {
    const outOfMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (outOfMemory) this.#endOutOfMemory();
    else this.#lastWords ??= failure("exit", { errorType: "Runtime.UncaughtException", errorMessage: oneLine(error) });
  }

  #onExit(code: number): void {
    this.#children.close();
    if (this.#givenUp) this.#owner.onEndedLate(this);
    else this.#end(code);
  }

  #end(code: number): void {
    for (const timer of [this.#initTimeout, this.#giveUpTimer, this.#restTimer]) clearTimeout(timer);
    const wasStarting = this.starting;
    this.#state = "gone";
    this.#memory.end();
    this.#link?.close();
    const reason = this.#lastWords ?? this.#exitFailure(code);
    this.#settle(reason, true);
    this.#output.flush();
    this.#gone.resolve();
    const initFailure = wasStarting && !this.#stopping ? asInitFailure(reason) : undefined;
    this.#owner.onGone(this, initFailure);
  }

  /** Answers the running invocation, unless it has been given up and waits for its worker's end. */
  #settle(result: InvocationResult, gone = false): void {
    const invocation = this.#invocation;
    if (invocation === undefined || (!gone && this.#lastWords !== undefined)) return;
    clearTimeout(invocation.timeout);
    this.#output.flush();
    this.#invocation = undefined;
    if (!gone) this.#expectRest();
    this.#children.freeze();
    invocation.settle(result);
  }

  /** A function that computes on once it has answered would never be frozen: it has as long as an invocation has. */
  #expectRest(): void {
    const begun = this.#invocationsBegun;
    this.#restTimer ??= setTimeout(() => {
      this.#restTimer = undefined;
      if (this.#isFrozen || this.#invocation) return;
      if (begun === this.#invocationsBegun) this.#terminate();
      else this.#expectRest();
    }, this.#config.timeoutSeconds * 1_000).unref();
  }

  get #invocationsBegun(): number {
    return Atomics.load(this.#shared, SHARED.invocations);
  }

  #endOutOfMemory(): void {
    const errorMessage = `the function used more than its ${this.#config.memoryMegabytes} MB of memory`;
    this.#lastWords ??= failure("out of memory", { errorType: "Runtime.OutOfMemory", errorMessage });
    this.#terminate();
  }

  #endInvocation(requestId: string): void {
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${this.#config.timeoutSeconds.toFixed(2)} seconds`;
    this.#lastWords ??= failure("timeout", { errorType: "Sandbox.Timedout", errorMessage });
    this.#terminate();
  }

  #endInitialisation(): void {
    const errorMessage = `${this.#config.handler} in ${this.#config.codeDirectory} did not load within ${INIT_SECONDS} seconds`;
    this.#lastWords ??= failure("init", { errorType: "Sandbox.Timedout", errorMessage });
    this.#terminate();
  }

  #exitFailure(code: number): Failure {
    const why = this.#stopping ? "was stopped" : `exited with status ${code}`;
    const requestId = this.#invocation === undefined ? "" : `RequestId: ${this.#invocation.requestId} Error: `;
    return failure("exit", { errorType: "Runtime.ExitError", errorMessage: `${requestId}Runtime ${why}` });
  }
}
