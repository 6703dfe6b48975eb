import { HandlerTimeoutError } from "../errors.ts";

/** When the handlers of an invocation must be done. */
export interface Deadline {
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  /** The deadline, in milliseconds since 1970. */
  readonly deadline: number;
}

/**
 * Checks that there is time left, by the clock too: Lambda may freeze a function before its timer fires, and when it thaws,
 * an answer may be processed before the timer.
 *
 * @param what what would come too late: `its work could be committed`
 * @throws HandlerTimeoutError when the time is up.
 */
export function requireTime({ signal, deadline }: Deadline, what: string): void {
  if (signal.aborted || Date.now() >= deadline) throw new HandlerTimeoutError(`the handler's time was up before ${what}`);
}

/**
 * The work's result, or a HandlerTimeoutError as soon as the signal aborts: the work may never end.
 *
 * @param what what was not done in time: `the handler did not finish`
 */
export async function beforeAbort<Result>(
  signal: AbortSignal,
  what: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const late = () => new HandlerTimeoutError(`${what} before the invocation's deadline`);
  if (signal.aborted) throw late();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(late());
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([(async () => work())(), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
