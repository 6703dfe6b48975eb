/**
 * What runs first in each worker thread: one Lambda execution environment. It loads the deployed bundle and answers one
 * invocation at a time. It is started by environment.ts and talks in the terms of protocol.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import { handOverChildren } from "../children/install.ts";
import { callWithCallback, takesCallbacks } from "./callback.ts";
import { lambdaContext } from "./context.ts";
import { errorLogLine, oneLine, reportedError } from "../errors.ts";
import type { Handler } from "./handler.ts";
import { Freezer } from "./freeze.ts";
import { keepFetchUnloaded } from "./lazy-http.ts";
import { linkToGateway } from "../link/install.ts";
import { InitError, loadHandler } from "./load-handler.ts";
import { captureOutput } from "./output.ts";
import { standInForProcess } from "./own-process.ts";
import { refuseStreaming } from "./response-stream.ts";
import { limitSharedMemory } from "./shared-memory.ts";
import { captureDescriptors } from "./standard-streams.ts";
import { memoryLimit } from "../memory-limit.ts";
import type { Invocation, ReportedError, WorkerMessage, WorkerSettings } from "../protocol.ts";

if (parentPort === null)
  throw new Error("lib/laptop/services/lambda/sandbox/thread/worker.ts runs in a worker thread only; use FunctionSandbox");
const port = parentPort;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- environment.ts alone starts this file, with these settings
const settings = workerData as WorkerSettings;
const withCallback = takesCallbacks(settings.runtime);
const shared = new Int32Array(settings.shared);

/** Lambda's largest result, in bytes: 6 MB and a little for its frame (Lambda quotas). */
const RESULT_LIMIT = 6 * 1_024 * 1_024 + 100;

const freezer = new Freezer(shared);
/** The id of the invocation that runs. */
let running: string | undefined;

/** The worker's last words. */
function die(kind: "init" | "fatal", { errorType, errorMessage }: ReportedError, code: number): never {
  tell({ kind, errorType, errorMessage });
  process.exit(code);
}

/** An error that no handler's promise carries ends the environment; the exit codes are those of Lambda's runtime. */
function dieOf(errorType: string, title: string, thrown: unknown, code: number): never {
  process.stderr.write(errorLogLine(title, thrown));
  die("fatal", { errorType, errorMessage: oneLine(thrown) }, code);
}

function tell(message: WorkerMessage): void {
  port.postMessage(message);
}

async function answer(handler: Handler, invocation: Invocation): Promise<WorkerMessage> {
  let result: unknown;
  try {
    const event: unknown = JSON.parse(invocation.event);
    const context = lambdaContext(settings, invocation);
    result = await (withCallback ? callWithCallback(handler, event, context, port) : handler(event, context));
  } catch (thrown) {
    process.stderr.write(errorLogLine("Invoke Error", thrown));
    return errorMessageOf(reportedError(thrown));
  }
  try {
    return resultMessage(JSON.stringify(result) ?? "null");
  } catch (error) {
    const errorMessage = `Unable to stringify response body: ${oneLine(error)}`;
    return { kind: "handled", errorType: "Runtime.MarshalError", errorMessage };
  }
}

function resultMessage(payload: string): WorkerMessage {
  return Buffer.byteLength(payload) <= RESULT_LIMIT ? { kind: "result", payload } : tooLarge();
}

/** An error is a response too, and as large at most. */
function errorMessageOf(error: ReportedError): WorkerMessage {
  const isSmall = Buffer.byteLength(error.errorType) + Buffer.byteLength(error.errorMessage) <= RESULT_LIMIT;
  return isSmall ? { kind: "handled", ...error } : tooLarge();
}

function tooLarge(): WorkerMessage {
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESULT_LIMIT} bytes).`;
  return { kind: "handled", errorType: "Function.ResponseSizeTooLarge", errorMessage };
}

async function take(handler: Handler, invocation: Invocation): Promise<void> {
  freezer.thaw();
  running = invocation.requestId;
  const message = await answer(handler, invocation);
  tell(message);
  running = undefined;
  freezer.rest();
}

function dieOfSignal(signal: string): never {
  const request = running === undefined ? "" : `RequestId: ${running} Error: `;
  const errorMessage = `${request}Runtime exited with error: signal: ${signal}`;
  die("fatal", { errorType: "Runtime.ExitError", errorMessage }, 1);
}

function dieOfMemory(): never {
  tell({ kind: "memory" });
  process.exit(1);
}

if (settings.hidesCompileCache) delete process.env["NODE_COMPILE_CACHE"];
captureOutput(port, shared);
captureDescriptors();
process.on("uncaughtException", (error) => dieOf("Runtime.UncaughtException", "Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) =>
  dieOf("Runtime.UnhandledPromiseRejection", "Unhandled Promise Rejection", reason, 128),
);

keepFetchUnloaded();
if (settings.link) linkToGateway(settings.link.port, settings.link.endpoint);
refuseStreaming();
handOverChildren(settings.children.port, new Int32Array(settings.children.shared));
limitSharedMemory(memoryLimit(settings.memoryMegabytes), dieOfMemory);
standInForProcess(dieOfSignal);

try {
  const handler = await loadHandler(settings);
  port.on("message", (invocation: Invocation) => void take(handler, invocation));
  tell({ kind: "ready" });
  freezer.rest();
} catch (error) {
  if (!(error instanceof InitError)) throw error;
  die("init", error, 1);
}
