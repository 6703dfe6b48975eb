/** What the sandbox and its worker threads say to each other. Payloads cross as JSON text, as they do in Lambda. */

import type { MessagePort } from "node:worker_threads";
import { isRecord } from "../../../shared/json.ts";

/** What a new worker thread finds in `workerData`. */
export interface WorkerSettings {
  readonly functionName: string;
  /** `nodejs24.x` */
  readonly runtime: string;
  /** `index.handler`: a file without its ending, and the export in it. */
  readonly handler: string;
  readonly codeDirectory: string;
  /** Folders that play /opt; a later one goes over those before it. */
  readonly layers: readonly string[];
  /** Folders of the user's own projects, where packages are looked for that the runtime would provide and Fanfare does not. */
  readonly projects: readonly string[];
  readonly memoryMegabytes: number;
  readonly logStreamName: string;
  /** `NODE_COMPILE_CACHE` in the worker's environment is the sandbox's, not the function's: hide it from the function. */
  readonly hidesCompileCache: boolean;
  /** One Int32 for each place that {@link SHARED} names. */
  readonly shared: SharedArrayBuffer;
  /** Where the worker tells of the processes that it starts, and waits for those that it cannot go on without. */
  readonly children: { readonly port: MessagePort; readonly shared: SharedArrayBuffer };
  /** The link to the gateway; absent where calls go through sockets. */
  readonly link?: { readonly port: MessagePort; readonly endpoint: string };
}

/** One invocation, on its way to the worker. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** JSON. */
  readonly event: string;
  /** The ARN that the caller named, with its qualifier if it had one. */
  readonly invokedArn: string;
  /** The version that this is to the handler. */
  readonly version: string;
}

/** An error as Lambda reports it. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** What a worker reports. `init`, `fatal` and `memory`, that it has used more than it has, are its last words: it exits right after. */
export type WorkerMessage =
  | { readonly kind: "ready" | "memory" }
  | { readonly kind: "stdout" | "stderr"; readonly text: string }
  /** The handler's result as JSON. */
  | { readonly kind: "result"; readonly payload: string }
  | ({ readonly kind: "handled" | "init" | "fatal" } & ReportedError);

/** What a worker and the sandbox both see at once, and where. */
export const SHARED = {
  /** Output that the worker has posted and the sandbox has not taken, in UTF-16 code units. */
  outputInTransit: 0,
  /** Invocations that the sandbox has posted. */
  invocations: 1,
  /** 1 while the worker stands still. */
  frozen: 2,
  places: 3,
} as const;

/**
 * Output that may be in transit before a writing worker has to wait, in UTF-16 code units. A full pipe makes a writer wait in Lambda
 * too; without it a function that logs in an endless loop fills the memory of the whole laptop cloud.
 */
export const OUTPUT_IN_TRANSIT = 256 * 1_024;

/** The text that each kind of message carries. */
const TEXTS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["ready", []],
  ["memory", []],
  ["stdout", ["text"]],
  ["stderr", ["text"]],
  ["result", ["payload"]],
  ["handled", ["errorType", "errorMessage"]],
  ["init", ["errorType", "errorMessage"]],
  ["fatal", ["errorType", "errorMessage"]],
]);

/** Whether something that came from the worker is one of its messages. */
export function isWorkerMessage(value: unknown): value is WorkerMessage {
  return isRecord(value) && (TEXTS.get(value["kind"])?.every((name) => typeof value[name] === "string") ?? false);
}
