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
