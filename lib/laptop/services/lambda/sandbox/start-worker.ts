import { randomUUID } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { compileCache } from "../../../shared/compile-cache.ts";
import type { FunctionConfig } from "../functions/function-config.ts";
import type { Children } from "./children/children.ts";
import { oneLine } from "./errors.ts";
import { HEADROOM_MEGABYTES } from "./memory-watch.ts";
import type { WorkerSettings } from "./protocol.ts";

/** Keeps V8 from growing each worker's nursery to 48 MB; measured to cost nothing in throughput at the loads of a laptop. */
const YOUNG_GENERATION_MEGABYTES = 8;

const WORKER = new URL("./thread/worker.ts", import.meta.url);

/** What a worker is given besides its function's configuration. */
export interface WorkerConnections {
  /** The ports to the gateway and to the children that are the worker's. */
  readonly link: MessagePort | undefined;
  readonly children: Children;
  readonly shared: SharedArrayBuffer;
  /** See {@link newLogStreamName}. */
  readonly logStreamName: string;
}

/** The variable that names the log stream of an execution environment. What it starts has it too. */
export const LOG_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME";

/** A name as Lambda gives one to each execution environment. */
export function newLogStreamName(): string {
  return `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
}

/**
 * Starts the thread of an execution environment. A worker thread cannot have every option of Node's; with one that it cannot have, it
 * gets none of the function's, and `say` is given a line about it.
 *
 * @throws Error when no worker thread can be started.
 */
export function startWorker(config: FunctionConfig, connections: WorkerConnections, say: (line: string) => void): Worker {
  const { name, memoryMegabytes, environment } = config;
  const workerData = settingsOf(config, connections);
  const { link, children } = workerData;
  const cache = compileCache();
  const own = { [LOG_STREAM]: connections.logStreamName, ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) };
  const options = {
    name,
    workerData,
    transferList: [children.port, ...(link ? [link.port] : [])],
    env: { ...own, ...environment },
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
    say(`The function runs without its NODE_OPTIONS, which a worker thread cannot have: ${oneLine(error)}`);
    return new Worker(WORKER, { ...options, env: { ...own, ...others } });
  }
}

function settingsOf(config: FunctionConfig, { link, children, shared, logStreamName }: WorkerConnections): WorkerSettings {
  const { name, runtime, handler, codeDirectory, layers, projects, memoryMegabytes, environment } = config;
  return {
    functionName: name,
    runtime,
    handler,
    codeDirectory,
    layers,
    projects,
    memoryMegabytes,
    logStreamName,
    hidesCompileCache: environment["NODE_COMPILE_CACHE"] === undefined,
    shared,
    children: { port: children.functionEnd, shared: children.shared.buffer },
    ...(link && { link: { port: link, endpoint: environment["AWS_ENDPOINT_URL"] ?? "" } }),
  };
}
