import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { keyOf } from "../contracts/entity.ts";
import { RetryLaterError } from "./errors.ts";
import type { UnitContext } from "./unit-of-work.ts";

/** Milliseconds that a lease outlives the handler's deadline, for clocks that differ. */
const CLOCK_SKEW_MILLISECONDS = 5_000;

/**
 * Effects outside the table, which no transaction can hold: a card charge, an e-mail. Each is recorded under its key: one
 * that has finished is never repeated, one that was interrupted is run again with the same idempotency key.
 */
export class Effects {
  readonly #context: UnitContext;

  constructor(context: UnitContext) {
    this.#context = context;
  }

  /**
   * Runs an effect once and returns its result, or the result that it had before. The result must survive JSON.
   *
   * @param key what the effect is, unique in the service: `capture:536365`
   * @param run does it; hand the idempotency key to the outside service where that takes one
   * @throws RetryLaterError while another execution holds the lease, or when this one has lost it; whatever `run` throws
   */
  async once<Result>(key: string, run: (idempotencyKey: string) => Promise<Result>): Promise<Result> {
    const { clients, config, deadline, signal } = this.#context;
    const item = keyOf({ name: "effect" }, `${config.service}#${key}`);
    const owner = crypto.randomUUID();
    const expiresAt = Math.floor(Date.now() / 1_000) + config.inboxDays * 24 * 60 * 60;
    try {
      await clients.dynamodb.send(
        new PutItemCommand({
          TableName: config.table,
          Item: marshall({ ...item, owner, leasedUntil: deadline + CLOCK_SKEW_MILLISECONDS, expiresAt }),
          ConditionExpression: "attribute_not_exists(pk) OR (attribute_not_exists(#result) AND leasedUntil < :now)",
          ExpressionAttributeNames: { "#result": "result" },
          ExpressionAttributeValues: marshall({ ":now": Date.now() }),
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { result } = error.Item ? unmarshall(error.Item) : {};
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below, by the same effect
      if (typeof result === "string") return (JSON.parse(result) as { value: Result }).value;
      throw new RetryLaterError(`the effect ${key} is being run by another execution`);
    }
    const update = (expression: string, values: Record<string, unknown>) =>
      clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: config.table,
          Key: marshall(item),
          UpdateExpression: expression,
          ConditionExpression: "#owner = :owner",
          ExpressionAttributeNames: { "#owner": "owner", ...(":result" in values && { "#result": "result" }) },
          ExpressionAttributeValues: marshall({ ...values, ":owner": owner }),
        }),
      );
    let value: Result;
    try {
      value = await run(`${config.service}:${key}`);
    } catch (error) {
      // Given back so that the next attempt need not wait for the lease to end; harmless where it is lost already.
      if (!signal.aborted) await update("SET leasedUntil = :never", { ":never": 0 }).catch(() => undefined);
      throw error;
    }
    try {
      await update("SET #result = :result", { ":result": JSON.stringify({ value }) });
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        throw new RetryLaterError(`the effect ${key} outlived its lease: another execution has taken it over`);
      }
      throw error;
    }
    return value;
  }
}
