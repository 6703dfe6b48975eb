import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { FunctionConfig, InvocationResult } from "../functions/function-config.ts";
import { oneLine } from "./errors.ts";
import type { AnswerCall } from "../../context.ts";
import { GatewayLink } from "./link/gateway-link.ts";
import { LineSplitter } from "./lines.ts";
import { HEADROOM_MEGABYTES, MemoryWatch } from "./memory-watch.ts";
import {
  type Invocation,
  isWorkerMessage,
  OUTPUT_IN_TRANSIT,
  type ReportedError,
  type WorkerMessage,
  type WorkerSettings,
} from "./protocol.ts";

/** An invocation that did not end well. */
export type Failure = Extract<InvocationResult, { ok: false }>;

/** Whom an execution environment tells about itself. */
export interface EnvironmentOwner {
  /** The bundle is loaded: invocations can come. */
  onReady(environment: ExecutionEnvironment): void;
  /** The worker is gone. `initFailure` says why it never became ready; absent if it did, or if it was stopped. */
  onGone(environment: ExecutionEnvironment, initFailure?: Failure): void;
  onLine(line: string, requestId: string | undefined): void;
}

interface RunningInvocation {
  readonly requestId: string;
  readonly settle: (result: InvocationResult) => void;
  readonly timeout: NodeJS.Timeout;
}

/** Time that Lambda gives a bundle to load. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const INIT_SECONDS = 10;

/** Keeps V8 from growing each worker's nursery to 48 MB; measured to cost nothing in throughput at the loads of a laptop. */
const YOUNG_GENERATION_MEGABYTES = 8;

/**
 * V8's code cache, and Node's of stripped types, for all workers: a third off a cold start and 5 MB off a worker
 * (102 → 64 ms for a bundle with three AWS clients on the machine that this was written on).
 */
const COMPILE_CACHE = join(tmpdir(), "fanfare-compile-cache");

const WORKER = new URL("./thread/worker.ts", import.meta.url);

/** One Lambda execution environment: a worker thread with one loaded bundle, which runs one invocation at a time. */
export class ExecutionEnvironment {
  readonly #config: FunctionConfig;
  readonly #owner: EnvironmentOwner;
  readonly #worker: Worker;
  readonly #inTransit = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #memory: MemoryWatch;
  readonly #link: GatewayLink | undefined;
  readonly #initTimeout: NodeJS.Timeout;
  readonly #output: Readonly<Record<"stdout" | "stderr", LineSplitter>>;
  readonly #gone = Promise.withResolvers<void>();
  #state: "starting" | "ready" | "gone" = "starting";
  #stopping = false;
  #invocation: RunningInvocation | undefined;
  /** Why the worker is about to exit, as far as it is known before. */
  #lastWords: Failure | undefined;

  /** @throws Error when no worker thread can be started. */
  constructor(config: FunctionConfig, owner: EnvironmentOwner, answer?: AnswerCall) {
    this.#config = config;
    this.#owner = owner;
    const emit = (line: string): void => owner.onLine(line, this.#invocation?.requestId);
    this.#output = { stdout: new LineSplitter(emit), stderr: new LineSplitter(emit) };
    this.#link = answer && new GatewayLink(answer);
    this.#worker = this.#startWorker();
    const isBusy = (): boolean => this.starting || this.#invocation !== undefined;
    this.#memory = new MemoryWatch(this.#worker, config.memoryMegabytes, isBusy, () => this.#endOutOfMemory());
    this.#initTimeout = setTimeout(() => this.#endInitialisation(), INIT_SECONDS * 1000);
  }

  /** False when the worker is gone or going. */
  get usable(): boolean {
    return this.#state !== "gone" && !this.#stopping && this.#lastWords === undefined;
  }

  get starting(): boolean {
    return this.#state === "starting";
  }

  /** Runs one invocation; the environment has to be ready and free. */
  run({ requestId, event, invokedArn, version }: Omit<Invocation, "deadline">): Promise<InvocationResult> {
    const milliseconds = this.#config.timeoutSeconds * 1000;
    this.#memory.wake();
    return new Promise((settle) => {
      const timeout = setTimeout(() => this.#endInvocation(requestId), milliseconds);
      this.#invocation = { requestId, settle, timeout };
      const deadline = Date.now() + milliseconds;
      this.#worker.postMessage({ requestId, event, invokedArn, version, deadline } satisfies Invocation);
    });
  }

  /** Stops the worker, whatever it does; resolves when it is gone. */
  stop(): Promise<void> {
    this.#stopping = true;
    void this.#worker.terminate();
    return this.#gone.promise;
  }

  #startWorker(): Worker {
    const { name, runtime, handler, codeDirectory, layers, projects, memoryMegabytes, environment } = this.#config;
    const workerData: WorkerSettings = {
      functionName: name,
      runtime,
      handler,
      codeDirectory,
      layers,
      projects,
      memoryMegabytes,
      logStreamName: `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomUUID().replaceAll("-", "")}`,
      hidesCompileCache: environment["NODE_COMPILE_CACHE"] === undefined,
      outputInTransit: this.#inTransit.buffer,
      ...(this.#link && { link: { port: this.#link.functionEnd, endpoint: environment["AWS_ENDPOINT_URL"] ?? "" } }),
    };
    const worker = this.#newWorker(workerData, environment);
    worker.on("message", (message: unknown) => {
      // A library of the function's may find itself in a worker thread, and talk to its parent.
      if (isWorkerMessage(message)) this.#onMessage(message);
    });
    worker.on("error", (error) => this.#onError(error));
    worker.on("exit", (code) => this.#onExit(code));
    return worker;
  }

  /** A worker thread cannot have every option of Node's; with one that it cannot have, it gets none of the function's. */
  #newWorker(workerData: WorkerSettings, environment: FunctionConfig["environment"]): Worker {
    const { name, memoryMegabytes } = this.#config;
    const options = {
      name,
      workerData,
      transferList: workerData.link ? [workerData.link.port] : [],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment },
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: memoryMegabytes + HEADROOM_MEGABYTES,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MEGABYTES,
      },
    };
    try {
      return new Worker(WORKER, options);
    } catch (error) {
      const { NODE_OPTIONS: refused, ...others } = environment;
      if (refused === undefined) throw error;
      this.#owner.onLine(
        `The function runs without its NODE_OPTIONS, which a worker thread cannot have: ${oneLine(error)}`,
        undefined,
      );
      return new Worker(WORKER, { ...options, env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...others } });
    }
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
        if (Atomics.sub(this.#inTransit, 0, 1) - 1 === OUTPUT_IN_TRANSIT / 2) Atomics.notify(this.#inTransit, 0);
        this.#output[message.kind].push(message.text);
        return;
      case "result":
        this.#settle(resultOf(message.payload));
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
    clearTimeout(this.#initTimeout);
    const wasStarting = this.starting;
    this.#state = "gone";
    this.#memory.end();
    this.#link?.close();
    const reason = this.#lastWords ?? this.#exitFailure(code);
    this.#settle(reason, true);
    this.#flushOutput();
    this.#gone.resolve();
    const initFailure = wasStarting && !this.#stopping ? asInitFailure(reason) : undefined;
    this.#owner.onGone(this, initFailure);
  }

  /** Answers the running invocation, unless it has been given up and waits for its worker's end. */
  #settle(result: InvocationResult, gone = false): void {
    const invocation = this.#invocation;
    if (invocation === undefined || (!gone && this.#lastWords !== undefined)) return;
    clearTimeout(invocation.timeout);
    this.#flushOutput();
    this.#invocation = undefined;
    invocation.settle(result);
  }

  #flushOutput(): void {
    this.#output.stdout.flush();
    this.#output.stderr.flush();
  }

  #endOutOfMemory(): void {
    const errorMessage = `the function used more than its ${this.#config.memoryMegabytes} MB of memory`;
    this.#lastWords ??= failure("out of memory", { errorType: "Runtime.OutOfMemory", errorMessage });
    void this.#worker.terminate();
  }

  #endInvocation(requestId: string): void {
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${this.#config.timeoutSeconds.toFixed(2)} seconds`;
    this.#lastWords ??= failure("timeout", { errorType: "Sandbox.Timedout", errorMessage });
    void this.#worker.terminate();
  }

  #endInitialisation(): void {
    const errorMessage = `${this.#config.handler} in ${this.#config.codeDirectory} did not load within ${INIT_SECONDS} seconds`;
    this.#lastWords ??= failure("init", { errorType: "Sandbox.Timedout", errorMessage });
    void this.#worker.terminate();
  }

  #exitFailure(code: number): Failure {
    const why = this.#stopping ? "was stopped" : `exited with status ${code}`;
    const requestId = this.#invocation === undefined ? "" : `RequestId: ${this.#invocation.requestId} Error: `;
    return failure("exit", { errorType: "Runtime.ExitError", errorMessage: `${requestId}Runtime ${why}` });
  }
}

function resultOf(payload: string): InvocationResult {
  try {
    return { ok: true, payload: JSON.parse(payload) as unknown };
  } catch {
    return failure("handled", { errorType: "Runtime.MarshalError", errorMessage: "the result is not JSON" });
  }
}

function failure(reason: Failure["reason"], { errorType, errorMessage }: ReportedError): Failure {
  return { ok: false, reason, errorType, errorMessage };
}

/** A worker that exits while it loads the bundle has failed to initialise; one that runs out of memory is called so. */
function asInitFailure(reason: Failure): Failure {
  return reason.reason === "exit" ? { ...reason, reason: "init" } : reason;
}
