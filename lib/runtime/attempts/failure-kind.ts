import { InvalidEventError } from "../../contracts/errors.ts";
import { PermanentError, ProcessEndedError, RetryLaterError } from "../errors.ts";

/**
 * Why an attempt failed: for good (`permanent`), by the handler's own error (`own`), or because something that the handler
 * needs is unavailable, throttled or too slow (`unavailable`).
 */
export type FailureKind = "permanent" | "own" | "unavailable";

/** Why an attempt failed. */
export interface Failure {
  readonly error: Error;
  readonly kind: FailureKind;
}

const PERMANENT = [InvalidEventError, PermanentError, ProcessEndedError];

/** Other errors of the runtime, and those of the platform, which say that a later attempt may succeed. */
const UNAVAILABLE = new Set([
  "StateConflictError",
  "HandlerTimeoutError",
  "TimeoutError",
  "AbortError",
  "TransactionInProgressException",
]);

/** AWS services name their throttling differently: ThrottlingException, SlowDown, RequestLimitExceeded ... */
const THROTTLED = /Throttl|TooManyRequests|SlowDown|LimitExceeded|ThroughputExceeded|TransactionConflict/;

/** Errors of a connection. Node.js, "Common system errors"; undici's begin with UND_ERR. */
const UNREACHABLE =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|ESOCKETTIMEDOUT|EPIPE|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN|UND_ERR_.*)$/;

/** Errors are seldom wrapped more often. */
const DEPTH = 5;

/** The kind of a failure; a cause inside an error that the handler threw decides as the error itself does. */
export function failureKind(error: Error): FailureKind {
  if (PERMANENT.some((kind) => error instanceof kind)) return "permanent";
  let cause: unknown = error;
  for (let depth = 0; depth < DEPTH && typeof cause === "object" && cause !== null; depth++) {
    if (isUnavailable(cause)) return "unavailable";
    cause = property(cause, "cause");
  }
  return "own";
}

function isUnavailable(error: object): boolean {
  // By its class: those derived from it have names of their own.
  if (error instanceof RetryLaterError) return true;
  const [name, code] = [text(error, "name"), text(error, "code")];
  if (UNAVAILABLE.has(name) || THROTTLED.test(name) || UNREACHABLE.test(code)) return true;
  // The SDK's errors: smithy.io, "Error traits".
  if (property(error, "$fault") === "server" || property(error, "$retryable")) return true;
  const status = property(property(error, "$metadata"), "httpStatusCode");
  if (typeof status === "number" && (status >= 500 || status === 429)) return true;
  const reasons = property(error, "CancellationReasons");
  return Array.isArray(reasons) && reasons.some((reason) => THROTTLED.test(text(reason, "Code")));
}

function text(value: unknown, name: string): string {
  const found = property(value, name);
  return typeof found === "string" ? found : "";
}

/** A property of whatever was thrown; undefined when it cannot be read. */
function property(value: unknown, name: string): unknown {
  try {
    return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}
