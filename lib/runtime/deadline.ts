import { HandlerTimeoutError } from "./errors.ts";

/** When the handlers of an invocation have to be done. */
export interface Deadline {
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  /** The deadline, in milliseconds since 1970. */
  readonly deadline: number;
}

/**
 * Checks that there is time left. The clock is asked too: Lambda may freeze a function before its timer fires, and thaw it long
 * afterwards with an answer that comes ahead of the timer.
 *
 * @param what what would come too late: `its work could be committed`
 * @throws HandlerTimeoutError when the time is up.
 */
export function requireTime({ signal, deadline }: Deadline, what: string): void {
  if (signal.aborted || Date.now() >= deadline) throw new HandlerTimeoutError(`the handler's time was up before ${what}`);
}
