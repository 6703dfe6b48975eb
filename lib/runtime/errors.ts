/** Throw it when the event cannot be handled yet: it is retried later, and logged as an error only on the last attempt. */
export class RetryLaterError extends Error {
  override readonly name: string = "RetryLaterError";
}

/** Throw it when a retry would not help: the event goes to the dead-letter queue at once, with this reason. */
export class PermanentError extends Error {
  override readonly name: string = "PermanentError";
}

/** A large event's data is not where the event says: not yet, no longer, or not readable by this function. */
export class DataNotFoundError extends Error {
  override readonly name = "DataNotFoundError";
}

/** An item in the service's own table does not fit its entity: the event is retried as after any error of the handler. */
export class StoredItemError extends Error {
  override readonly name = "StoredItemError";
}

/** An item was stored by newer code than this, before a rollback or beside it: the event waits for that code. */
export class NewerItemError extends RetryLaterError {
  override readonly name = "NewerItemError";
}

/** Two different events have the same id. Not for handlers to catch. */
export class IdReusedError extends PermanentError {
  override readonly name = "IdReusedError";
}

/** Something the handler had read has changed: it runs again on fresh state. Not for handlers to catch. */
export class StateConflictError extends Error {
  override readonly name = "StateConflictError";
}

/** The event was handled before; the transaction changed nothing. Not for handlers to catch. */
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

/** The function's process ended while it handled the event: it exited, ran out of memory, or blocked past its timeout. */
export class ProcessEndedError extends Error {
  override readonly name = "ProcessEndedError";
}

/** What was thrown, as a readable Error: JavaScript code may throw anything, including null and hostile proxies. */
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
