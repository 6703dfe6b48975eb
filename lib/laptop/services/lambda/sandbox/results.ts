import type { InvocationResult } from "../functions/function-config.ts";
import type { ReportedError } from "./protocol.ts";

/** An invocation that did not end well. */
export type Failure = Extract<InvocationResult, { ok: false }>;

/**
 * Levels of arrays and objects that a result may have. Node writes several times as many, but not on every stack: the cloud's own must
 * not overflow where it hands a result on.
 */
const DEEPEST = 2_000;

/** The result that a worker tells, as JSON. */
export function resultOf(payload: string): InvocationResult {
  // A shorter one cannot be so deep.
  if (payload.length > 2 * DEEPEST && isDeeperThan(DEEPEST, payload))
    return marshalError(`Unable to stringify response body: it is nested more than ${DEEPEST} levels deep`);
  try {
    return { ok: true, payload: JSON.parse(payload) as unknown };
  } catch {
    return marshalError("the result is not JSON");
  }
}

export function failure(reason: Failure["reason"], { errorType, errorMessage }: ReportedError): Failure {
  return { ok: false, reason, errorType, errorMessage };
}

/** A worker that exits while it loads the bundle has failed to initialise; one that runs out of memory is called so. */
export function asInitFailure(reason: Failure): Failure {
  return reason.reason === "exit" ? { ...reason, reason: "init" } : reason;
}

function marshalError(errorMessage: string): Failure {
  return failure("handled", { errorType: "Runtime.MarshalError", errorMessage });
}

/** Whether JSON has more than so many levels. */
function isDeeperThan(levels: number, json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') at = endOfString(json, at);
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/** The place of the quotation mark that ends a string. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}
