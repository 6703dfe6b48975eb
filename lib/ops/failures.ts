import { connectionFailure } from "./connection-failure.ts";
import { refusal } from "./refusal.ts";

/** Consecutive items that AWS does not take before the rest is left: the cause is then not the items. */
const FAILURES_IN_A_ROW = 10;

/** Errors of the topic, the queue or its key, which every other item will meet too. */
const LASTING = /^(InvalidSecurity|NotFound|QueueDoesNotExist|KMS|Kms|OptedOut)/;

/** Decides from the items that were sent whether the next ones are worth sending. */
export class Failures {
  /** Why they are not. */
  end: Error | undefined;
  #inARow = 0;

  /** @param error of an item that was sent; undefined if AWS took it */
  note(error: Error | undefined): void {
    this.#inARow = error ? this.#inARow + 1 : 0;
    if (!error) this.end = undefined;
    else if (this.#inARow >= FAILURES_IN_A_ROW || isLasting(error)) this.end = error;
  }
}

function isLasting(error: Error): boolean {
  return refusal(error) !== undefined || connectionFailure(error) !== undefined || LASTING.test(error.name);
}
