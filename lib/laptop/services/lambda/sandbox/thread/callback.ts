import type { MessagePort } from "node:worker_threads";
import type { LambdaContext } from "./context.ts";
import type { Callback, Handler } from "./handler.ts";

/** The first runtime that takes no callbacks. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
const FIRST_WITHOUT = 24;

/** Whether handlers of a runtime (`nodejs22.x`) are given a callback. */
export function takesCallbacks(runtime: string): boolean {
  return Number(/^nodejs(\d+)/.exec(runtime)?.[1]) < FIRST_WITHOUT;
}

/**
 * Calls a handler by the rules of the runtimes that take callbacks. A promise is waited for. Anything else that it gives back counts
 * for nothing: the callback tells the result, once nothing is left to do in the event loop, or at once where the handler sets
 * `callbackWaitsForEmptyEventLoop` to false; where nobody calls it, the result is null when the event loop is empty.
 * Source: aws/aws-lambda-nodejs-runtime-interface-client 3, src/Runtime.js and src/CallbackContext.js.
 *
 * @param port what keeps the event loop of this thread busy besides the handler
 */
export function callWithCallback(
  handler: Handler,
  event: unknown,
  context: LambdaContext,
  port: MessagePort,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let answered: unknown = null;
  const atEnd = () => resolve(answered);
  const callback: Callback = (error, result) => {
    // Whatever a handler passes for an error is reported as it is.
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    if (error !== undefined && error !== null) reject(error);
    else if (context.callbackWaitsForEmptyEventLoop) answered = result;
    else resolve(result);
  };
  process.once("beforeExit", atEnd);
  const withFormerMethods = Object.assign(context, {
    done: callback,
    succeed: (result: unknown) => callback(null, result),
    fail: (error: unknown) => callback(error ?? "handled"),
  });
  try {
    const returned = handler(event, withFormerMethods, callback);
    if (isThenable(returned)) resolve(returned);
    else port.unref();
  } catch (error) {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    reject(error);
  }
  return promise.finally(() => {
    process.off("beforeExit", atEnd);
    port.ref();
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
