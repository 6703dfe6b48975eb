/** Why a request was not carried out. Each kind names the HTTP status that tells a caller of it: the IETF's draft "The Idempotency-Key HTTP Header Field". */
export abstract class RequestError extends Error {
  abstract readonly status: number;
}

/** The caller's idempotency key is empty, too long, or not Unicode text. */
export class IdempotencyKeyError extends RequestError {
  override readonly name = "IdempotencyKeyError";
  readonly status = 400;
}

/** The idempotency key was used before, for a request with another input. Nothing was changed. */
export class IdempotencyKeyReusedError extends RequestError {
  override readonly name = "IdempotencyKeyReusedError";
  readonly status = 422;

  constructor() {
    super("the idempotency key was used before, with another input: give each request its own key");
  }
}

/** Another execution is carrying the request out: it has begun an outside effect. Repeat it later, with the same key. */
export class RequestInProgressError extends RequestError {
  override readonly name = "RequestInProgressError";
  readonly status = 409;

  constructor(cause: Error) {
    super("the request is being carried out: repeat it later, with the same key", { cause });
  }
}
