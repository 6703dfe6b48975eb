/**
 * Throw it when the event cannot be handled yet: it is retried for 24 hours, or as the service's `retries` say, and logged as an
 * error only in the end.
 */
export class RetryLaterError extends Error {
  override readonly name: string = "RetryLaterError";
}

/** Another execution is running the outside effect. */
export class EffectInProgressError extends RetryLaterError {
  override readonly name = "EffectInProgressError";

  constructor(key: string) {
    super(`the effect ${key} is being run by another execution`);
  }
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

  constructor() {
    super("the event's id was used before by an event with other content: its publisher must give each its own");
  }
}

/** Something the handler had read has changed: it runs again on fresh state. Not for handlers to catch. */
export class StateConflictError extends Error {
  override readonly name = "StateConflictError";
}

/** The handler did not finish before the invocation's deadline. */
export class HandlerTimeoutError extends Error {
  override readonly name = "HandlerTimeoutError";
}

/** A unit of work was used after its handler had returned, or the handler returned before what it had begun was done. */
export class UnitSealedError extends Error {
  override readonly name = "UnitSealedError";
}

/** An event has taken effect, but not all that it has emitted could be published. */
export class NotPublishedError extends Error {
  override readonly name = "NotPublishedError";

  constructor(cause: Error) {
    super("the event's effect is committed, but not all of its outgoing events are published", { cause });
  }
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
