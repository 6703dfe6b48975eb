import { AwsError } from "../../../shared/aws-error.ts";

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
    const reasons = items.map((item) =>
      item !== undefined && this.#held.has(item)
        ? { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" }
        : { Code: "None" },
    );
    const codes = reasons.map((reason) => reason.Code).join(", ");
    return new AwsError(
      "TransactionCanceledException",
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      400,
      { CancellationReasons: reasons },
    );
  }
}
