import { type TransactWriteItem, TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "./attribute-values.ts";
import { TRANSACTION_ACTIONS } from "../../contracts/limits.ts";
import type { Clients } from "../lambda/clients.ts";
import { jitteredPause } from "../concurrency.ts";
import { type Deadline, requireTime } from "../lambda/deadline.ts";
import { AlreadyHandledError, PermanentError, StateConflictError } from "../errors.ts";

/** Attempts at a transaction that DynamoDB cancelled for a conflict with another one, or for throttling. */
const ATTEMPTS = 6;

/** Longest wait before the second attempt, in milliseconds; doubled for each further one, with full jitter. */
const BACKOFF_MILLISECONDS = 10;

/** Transient reasons: amazondynamodb, "TransactWriteItems", cancellation reasons. */
const TRANSIENT = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

/**
 * Commits a transaction whose first action guards the inbox.
 *
 * @throws AlreadyHandledError when the inbox record exists; StateConflictError when another condition failed;
 * HandlerTimeoutError when the time is up before an attempt; PermanentError when DynamoDB will never accept it; the SDK's error otherwise.
 */
export async function commit(dynamodb: Clients["dynamodb"], actions: TransactWriteItem[], time: Deadline): Promise<void> {
  if (actions.length > TRANSACTION_ACTIONS) {
    throw new PermanentError(
      `a transaction of ${actions.length} actions; DynamoDB takes ${TRANSACTION_ACTIONS}, the inbox record included: ` +
        "write fewer items, or commit part of them with unit.checkpoint()",
    );
  }
  for (let attempt = 1; ; attempt++) {
    requireTime(time, "its work could be committed");
    try {
      await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: actions }));
      return;
    } catch (error) {
      if (isInvalid(error)) throw new PermanentError(`DynamoDB refused the transaction: ${error.message}`, { cause: error });
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const [inbox, ...state] = reasons.map(({ Code }) => Code ?? "None");
      if (inbox === "ConditionalCheckFailed") {
        const record = reasons[0]?.Item;
        throw new AlreadyHandledError(record && unmarshall(record));
      }
      if (state.includes("ConditionalCheckFailed")) throw new StateConflictError("an item changed since it was read");
      const refused = reasons.find(({ Code }) => Code === "ValidationError" || Code === "ItemCollectionSizeLimitExceeded");
      if (refused) throw new PermanentError(`DynamoDB refused an item: ${refused.Message ?? refused.Code}`, { cause: error });
      const transient = reasons.every(({ Code = "None" }) => Code === "None" || TRANSIENT.has(Code));
      if (!transient || attempt === ATTEMPTS) throw error;
      await jitteredPause(BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
    }
  }
}

function isInvalid(error: unknown): error is Error {
  return error instanceof Error && error.name === "ValidationException";
}
