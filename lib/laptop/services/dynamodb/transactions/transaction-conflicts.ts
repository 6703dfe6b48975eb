import type { AwsError } from "../../../shared/aws-error.ts";
import { transactionConflict } from "../refusals.ts";

/** Names one item: table and key. Absent for an action that names none, which the engine refuses. */
export type ItemId = string | undefined;

/**
 * The items that transactions in progress touch. dynoxide runs one transaction after the other and so never meets what
 * DynamoDB does under load: of two transactions at once on one item, one is cancelled.
 */
export class ItemLocks {
  readonly #held = new Set<string>();

  /**
   * Holds the items of one transaction until `release`.
   *
   * @throws AwsError TransactionCanceledException where another transaction holds one of them; nothing is held then.
   */
  hold(items: readonly ItemId[]): void {
    if (items.some((item) => item !== undefined && this.#held.has(item))) throw this.#conflict(items);
    for (const item of items) if (item !== undefined) this.#held.add(item);
  }

  release(items: readonly ItemId[]): void {
    for (const item of items) if (item !== undefined) this.#held.delete(item);
  }

  #conflict(items: readonly ItemId[]): AwsError {
    return transactionConflict(
      items.map((item) => (item !== undefined && this.#held.has(item) ? "Transaction is ongoing for the item" : undefined)),
    );
  }
}
