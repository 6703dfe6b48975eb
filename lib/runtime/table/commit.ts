import {
  type CancellationReason,
  ConditionalCheckFailedException,
  PutItemCommand,
  type TransactWriteItem,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { TRANSACTION_ACTIONS } from "../../contracts/limits.ts";
import type { Clients } from "../lambda/clients.ts";
import { jitteredPause } from "../concurrency.ts";
import { type Deadline, requireTime } from "../lambda/deadline.ts";
import { PermanentError, StateConflictError } from "../errors.ts";
import type { Item } from "./read-items.ts";

/** Attempts at a transaction that DynamoDB cancelled for a conflict with another one, or for throttling. */
const ATTEMPTS = 6;

/** Longest wait before the second attempt, in milliseconds; doubled for each further one, with full jitter. */
const BACKOFF_MILLISECONDS = 10;

/** Transient reasons: amazondynamodb, "TransactWriteItems", cancellation reasons. */
const TRANSIENT = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

/** A conditional action of a transaction, and what it means when its condition does not hold. */
export interface GuardedAction {
  readonly action: TransactWriteItem;
  /** Whether it guards the inbox: then its condition is the reason, whatever else has changed. @default false */
  readonly isGuard?: boolean;
  /** @param item the item that was found, if the action asks for it and there is one */
  readonly refused: (item: Item | undefined) => Error;
}

/**
 * Commits actions together; a single `Put` goes without a transaction, at half its price.
 *
 * @throws a guard's error, a StateConflictError, or the error of another action, in this order, when conditions failed;
 * HandlerTimeoutError when the time is up before an attempt; PermanentError when DynamoDB will never accept it; the SDK's error otherwise.
 */
export async function commit(dynamodb: Clients["dynamodb"], actions: readonly GuardedAction[], time: Deadline): Promise<void> {
  if (actions.length > TRANSACTION_ACTIONS) {
    throw new PermanentError(
      `a transaction of ${actions.length} actions; DynamoDB takes ${TRANSACTION_ACTIONS}, the inbox record included: ` +
        "write fewer items, or commit part of them with unit.checkpoint()",
    );
  }
  for (let attempt = 1; ; attempt++) {
    requireTime(time, "its work could be committed");
    try {
      await send(dynamodb, actions);
      return;
    } catch (error) {
      if (isInvalid(error)) throw new PermanentError(`DynamoDB refused the transaction: ${error.message}`, { cause: error });
      const reasons = reasonsOf(error);
      const refusals = reasons.map(({ Code, Item }, index) =>
        Code === "ConditionalCheckFailed" ? actions[index]?.refused(Item) : undefined,
      );
      const isConflict = (error: Error | undefined) => error instanceof StateConflictError;
      const guard = refusals.find((error, index) => error && actions[index]?.isGuard && !isConflict(error));
      const refusal = guard ?? refusals.find(isConflict) ?? refusals.find(Boolean);
      const conflicts = reasons.some(({ Code = "None" }) => TRANSIENT.has(Code));
      // An item that another transaction holds may be the very one whose change explains the rest.
      if (refusal)
        throw refusal !== guard && conflicts ? new StateConflictError("other transactions hold some items") : refusal;
      const refused = reasons.find(({ Code }) => Code === "ValidationError" || Code === "ItemCollectionSizeLimitExceeded");
      if (refused) throw new PermanentError(`DynamoDB refused an item: ${refused.Message ?? refused.Code}`, { cause: error });
      const transient = reasons.length > 0 && reasons.every(({ Code = "None" }) => Code === "None" || TRANSIENT.has(Code));
      if (!transient || attempt === ATTEMPTS) throw error;
      await jitteredPause(BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
    }
  }
}

async function send(dynamodb: Clients["dynamodb"], actions: readonly GuardedAction[]): Promise<void> {
  const put = actions.length === 1 ? actions[0]?.action.Put : undefined;
  if (put) await dynamodb.send(new PutItemCommand(put));
  else await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: actions.map(({ action }) => action) }));
}

/** Why DynamoDB did not write, one reason per action; none for an error of another kind. */
function reasonsOf(error: unknown): readonly CancellationReason[] {
  if (error instanceof TransactionCanceledException) return error.CancellationReasons ?? [];
  if (error instanceof ConditionalCheckFailedException) return [{ Code: "ConditionalCheckFailed", Item: error.Item }];
  // What a single write that meets a transaction gets.
  if (error instanceof TransactionConflictException) return [{ Code: "TransactionConflict" }];
  return [];
}

function isInvalid(error: unknown): error is Error {
  return error instanceof Error && error.name === "ValidationException";
}
