/**
 * One Lambda execution environment as a process: loads the bundle in LAMBDA_TASK_ROOT and answers one invocation at a time. It
 * is started by node_process.py, with the number of the socket on which both speak; `Answer` is what it says there.
 */
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { errorLogLine, oneLine, reportedError } from "#lib/laptop/services/lambda/sandbox/errors.ts";
import { type Handler, InitError, loadHandler } from "./load-handler.ts";

interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON. */
  readonly event: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

interface InvocationError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** `fatal` is the last word: the process exits right after. */
type Answer =
  | { readonly kind: "ready" }
  /** The result as JSON. */
  | { readonly kind: "result"; readonly payload: string }
  | { readonly kind: "error" | "fatal"; readonly error: InvocationError };

const channel = new Socket({ fd: Number(process.argv[2]), readable: true, writable: true });

function tell(answer: Answer): Promise<void> {
  return new Promise((resolve) => channel.write(`${JSON.stringify(answer)}\n`, () => resolve()));
}

/** An error that no handler's promise carries ends the process; the exit codes are those of Lambda's runtime. */
function dieOf(errorType: string, title: string, thrown: unknown, code: number): void {
  process.stderr.write(errorLogLine(title, thrown));
  void tell({ kind: "fatal", error: { errorType, errorMessage: oneLine(thrown) } }).then(() => process.exit(code));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, functionArn, deadline }: Invocation) {
  const { env } = process;
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: requestId,
    functionName: env["AWS_LAMBDA_FUNCTION_NAME"] ?? "",
    functionVersion: env["AWS_LAMBDA_FUNCTION_VERSION"] ?? "",
    invokedFunctionArn: functionArn,
    memoryLimitInMB: env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] ?? "",
    logGroupName: env["AWS_LAMBDA_LOG_GROUP_NAME"] ?? "",
    logStreamName: env["AWS_LAMBDA_LOG_STREAM_NAME"] ?? "",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function answerOf(handler: Handler, invocation: Invocation): Promise<Answer> {
  let result: unknown;
  try {
    result = await handler(JSON.parse(invocation.event), contextOf(invocation));
  } catch (thrown) {
    process.stderr.write(errorLogLine("Invoke Error", thrown));
    const trace = thrown instanceof Error ? (thrown.stack?.split("\n") ?? []) : [];
    return { kind: "error", error: { ...reportedError(thrown), trace } };
  }
  try {
    return { kind: "result", payload: JSON.stringify(result) ?? "null" };
  } catch (error) {
    const errorMessage = `Unable to stringify response body: ${oneLine(error)}`;
    return { kind: "error", error: { errorType: "Runtime.MarshalError", errorMessage, trace: [] } };
  }
}

process.on("uncaughtException", (error) => dieOf("Runtime.UncaughtException", "Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) =>
  dieOf("Runtime.UnhandledPromiseRejection", "Unhandled Promise Rejection", reason, 128),
);
// LocalStack is gone.
channel.once("close", () => process.exit());

try {
  const handler = await loadHandler(process.env["LAMBDA_TASK_ROOT"] ?? "", process.env["_HANDLER"] ?? "");
  createInterface({ input: channel }).on("line", (line) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- node_process.py alone writes here
    void answerOf(handler, JSON.parse(line) as Invocation).then(tell);
  });
  await tell({ kind: "ready" });
} catch (error) {
  if (!(error instanceof InitError)) throw error;
  process.stderr.write(errorLogLine("Init Error", error.cause ?? error));
  await tell({ kind: "fatal", error: { errorType: error.errorType, errorMessage: error.message } });
  process.exit(1);
}
