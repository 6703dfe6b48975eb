import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type ItemKey, keyOf } from "../../contracts/entity.ts";
import { requireTime } from "../lambda/deadline.ts";
import { EffectInProgressError, RetryLaterError } from "../errors.ts";
import { marshall, unmarshall } from "../table/attribute-values.ts";
import { expiryOf } from "../table/expiry.ts";
import type { Reads } from "./reads.ts";
import type { Seal } from "./seal.ts";
import type { UnitContext } from "./unit-context.ts";

/** Milliseconds that a lease outlives the handler's deadline, to allow for clock skew. */
const CLOCK_SKEW_MILLISECONDS = 5_000;

/** The right to run an effect; taking it over replaces the owner. */
interface Lease {
  readonly key: string;
  readonly item: ItemKey;
  readonly owner: string;
}

/**
 * Effects outside the table, which no transaction covers: a card charge, an e-mail. Each is recorded under its key: a
 * finished one is never repeated, an interrupted one is run again with the same idempotency key.
 */
export class Effects {
  readonly #context: UnitContext;
  readonly #seal: Seal;
  readonly #reads: Reads;

  constructor(context: UnitContext, seal: Seal, reads: Reads) {
    this.#context = context;
    this.#seal = seal;
    this.#reads = reads;
  }

  /**
   * Runs an effect once and returns its result, or the recorded one. The result must survive JSON.
   *
   * @param key what the effect is, unique in the service: `capture:1001`
   * @param run performs the effect; pass the idempotency key on if the outside service takes one
   * @throws RetryLaterError while another execution holds the lease, or when this one has lost it; HandlerTimeoutError when the
   * time is up before it begins; whatever `run` throws. Not for handlers to catch: AlreadyHandledError, when the event has been handled
   */
  async once<Result>(key: string, run: (idempotencyKey: string) => Promise<Result>): Promise<Result> {
    return this.#seal.run(() => this.#once(key, run));
  }

  async #once<Result>(key: string, run: (idempotencyKey: string) => Promise<Result>): Promise<Result> {
    const { service } = this.#context.config;
    // A copy of a handled event may find a state in which it would do something else outside.
    await this.#context.inbox.requireNew(this.#reads);
    const lease = { key, item: keyOf({ name: "effect" }, `${service}#${key}`), owner: crypto.randomUUID() };
    const known = await this.#acquire(lease);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- recorded below, by the same effect
    if (known !== undefined) return (JSON.parse(known) as { value: Result }).value;
    // The answer may have arrived after the lease ran out and another execution took it over.
    requireTime(this.#context, `the effect ${key} could begin`);
    let value: Result;
    try {
      value = await run(`${service}:${key}`);
    } catch (error) {
      await this.#release(lease);
      throw error;
    }
    await this.#record(lease, JSON.stringify({ value }));
    return value;
  }

  /** Takes the lease, or returns the recorded result if the effect has finished before. */
  async #acquire({ key, item, owner }: Lease): Promise<string | undefined> {
    const { clients, config, deadline } = this.#context;
    const now = Date.now();
    try {
      await clients.dynamodb.send(
        new PutItemCommand({
          TableName: config.table,
          Item: marshall({
            ...item,
            owner,
            leasedUntil: deadline + CLOCK_SKEW_MILLISECONDS,
            expiresAt: expiryOf(now, config.inboxDays),
          }),
          ConditionExpression: "attribute_not_exists(pk) OR (attribute_not_exists(#result) AND leasedUntil < :now)",
          ExpressionAttributeNames: { "#result": "result" },
          ExpressionAttributeValues: marshall({ ":now": now }),
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { result, owner: holder } = error.Item ? unmarshall(error.Item) : {};
      if (typeof result === "string") return result;
      // The SDK retries a call whose answer was lost: the first one may have taken the lease.
      if (holder === owner) return undefined;
      throw new EffectInProgressError(key);
    }
  }

  /** Gives the lease up, so that the next attempt need not wait for it to run out. Does nothing if it is lost already. */
  async #release(lease: Lease): Promise<void> {
    if (this.#context.signal.aborted) return;
    await this.#update(lease, "leasedUntil", 0).catch(() => undefined);
  }

  async #record(lease: Lease, result: string): Promise<void> {
    try {
      await this.#update(lease, "result", result);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new RetryLaterError(`the effect ${lease.key} outlived its lease: another execution has taken it over`);
    }
  }

  async #update({ item, owner }: Lease, attribute: string, value: unknown): Promise<void> {
    const { clients, config } = this.#context;
    await clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: config.table,
        Key: marshall(item),
        UpdateExpression: "SET #attribute = :value",
        ConditionExpression: "#owner = :owner",
        ExpressionAttributeNames: { "#attribute": attribute, "#owner": "owner" },
        ExpressionAttributeValues: marshall({ ":value": value, ":owner": owner }),
      }),
    );
  }
}
