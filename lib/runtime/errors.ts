/** Throw it when the event cannot be handled yet: it is tried again later, with no word of alarm until the last time. */
export class RetryLaterError extends Error {
  override readonly name = "RetryLaterError";
}

/** Throw it when trying again would not help: the event goes to the dead-letter queue at once, with this reason. */
export class PermanentError extends Error {
  override readonly name: string = "PermanentError";
}

/** The data of a large event is not where the event says: not yet, no more, or not for this function to read. */
export class DataNotFoundError extends Error {
  override readonly name = "DataNotFoundError";
}

/** Two events came under one id. Not for handlers to catch. */
export class IdReusedError extends PermanentError {
  override readonly name = "IdReusedError";
}

/** Somebody changed what the handler had read: the handler runs again on fresh state. Not for handlers to catch. */
export class StateConflictError extends Error {
  override readonly name = "StateConflictError";
}

/** The event had been handled already; the transaction changed nothing. Not for handlers to catch. */
export class AlreadyHandledError extends Error {
  override readonly name = "AlreadyHandledError";
  /** The inbox record as DynamoDB returned it, when it did. */
  readonly record: Record<string, unknown> | undefined;

  constructor(record: Record<string, unknown> | undefined) {
    super("the event has been handled already");
    this.record = record;
  }
}

/** The handler did not finish before the invocation's deadline. */
export class HandlerTimeoutError extends Error {
  override readonly name = "HandlerTimeoutError";
}

/** The function's process ended while the event was handled: it exited, ran out of memory, or never gave way to a timer. */
export class ProcessEndedError extends Error {
  override readonly name = "ProcessEndedError";
}

/** What was thrown, as an Error that can be read: JavaScript lets a handler throw anything, null and traps included. */
export function toError(thrown: unknown): Error {
  try {
    if (isReadableError(thrown)) return thrown;
    return new Error(`the handler threw ${describe(thrown)}, which is not an Error`);
  } catch {
    return new Error("the handler threw an object that cannot be read");
  }
}

function isReadableError(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false;
  const texts: unknown[] = [thrown.name, thrown.message, thrown.stack ?? ""];
  return texts.every((text) => typeof text === "string");
}

function describe(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value).slice(0, 200);
  try {
    return JSON.stringify(value).slice(0, 200);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
