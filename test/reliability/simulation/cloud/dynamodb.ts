import type { World } from "../world.ts";
import { AwsError } from "./errors.ts";
import { holds, type Placeholders, updated } from "./expressions.ts";
import { type Attribute, type Item, numberIn } from "./items.ts";
import type { Stream } from "./stream.ts";
import { type QueryInput, queryPage } from "./query.ts";

/** How long DynamoDB knows a ClientRequestToken. API_TransactWriteItems */
const TOKEN_MILLISECONDS = 10 * 60 * 1_000;

/** How late TTL may delete, at the most. HowItWorks-ttl: "within a few days" */
const TTL_LATE_MILLISECONDS = 2 * 24 * 3_600 * 1_000;

type Key = Readonly<Record<string, Attribute>>;

interface Condition extends Placeholders {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

interface Put extends Condition {
  readonly Item: Item;
}

interface Keyed extends Condition {
  readonly Key: Key;
  readonly UpdateExpression?: string | undefined;
}

/** One action of a transaction. */
interface Action {
  readonly Put?: Put;
  readonly Update?: Keyed;
  readonly Delete?: Keyed;
  readonly ConditionCheck?: Keyed;
}

/** The input of a call, as far as the simulation reads it. */
export interface TableInput extends Put, Keyed, QueryInput {
  readonly TableName: string;
  readonly ConsistentRead?: boolean;
  readonly RequestItems: Readonly<Record<string, { readonly Keys: readonly Key[]; readonly ConsistentRead?: boolean }>>;
  readonly TransactItems: readonly Action[];
}

/** One action of a transaction that was asked for. */
export interface Attempt {
  readonly key: string;
  /** What it puts, when it puts. */
  readonly item: Item | undefined;
  /** Whether it happens only where there is no item yet. */
  readonly guarded: boolean;
}

/** One item that a committed write has changed. */
export interface Change {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** One service's table: items, conditions, transactions, request tokens and TTL. */
export class Table {
  readonly name: string;
  readonly items = new Map<string, Item>();
  /** Told of what a write has changed. */
  stream: Stream | undefined;
  readonly #world: World;
  readonly #before = new Map<string, Item | undefined>();
  readonly #tokens = new Map<string, number>();
  /** How long TTL takes to delete what has expired, in milliseconds. */
  readonly #ttlLate: number = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    const { faults } = world;
    if (faults.happens("dynamodb.ttl-never")) this.#ttlLate = Infinity;
    else if (faults.happens("dynamodb.ttl-late")) this.#ttlLate = faults.between("dynamodb.ttl-late", 0, TTL_LATE_MILLISECONDS);
  }

  /** Carries out one request. @throws AwsError as DynamoDB answers it */
  execute(operation: string, input: TableInput, token: string | undefined): unknown {
    const { faults } = this.#world;
    if (faults.happens("dynamodb.throttled")) throw new AwsError("ProvisionedThroughputExceededException", "slow down", true);
    if (faults.happens("dynamodb.server-error")) throw new AwsError("InternalServerError", "internal error", true);
    switch (operation) {
      case "GetItem":
        return { Item: this.#get(input.Key, input.ConsistentRead) };
      case "BatchGetItem":
        return this.#batchGet(input);
      case "Query":
        return this.#query(input);
      case "PutItem":
        return this.#write({ Put: input }, input);
      case "UpdateItem":
        return this.#write({ Update: input }, input);
      case "DeleteItem":
        return this.#write({ Delete: input }, input);
      case "Scan":
        // Only whether there are records: see lib/runtime/unit/inbox-places.ts.
        return { Count: [...this.items.keys()].filter((key) => key.startsWith("inbox#")).length };
      case "TransactWriteItems":
        return this.#transact(input.TransactItems, token);
      default:
        throw new Error(`the simulation's DynamoDB knows no ${operation}`);
    }
  }

  /** Puts an item in place, past all conditions: what an operator or a test does. */
  seed(item: Item): void {
    this.items.set(keyOf(item), item);
  }

  /** Deletes what TTL has deleted by now. */
  expire(): void {
    for (const [key, item] of this.items) {
      if (!item["expiresAt"] || numberIn(item, "expiresAt") * 1_000 > this.#world.scheduler.now - this.#ttlLate) continue;
      this.items.delete(key);
      this.#world.rare("item deleted by TTL");
    }
  }

  #get(key: Key, consistent: boolean | undefined): Item | undefined {
    const text = keyOf(key);
    if (!consistent && this.#before.has(text) && this.#world.faults.happens("dynamodb.read-stale"))
      return this.#before.get(text);
    return this.items.get(text);
  }

  #batchGet({ RequestItems }: TableInput): unknown {
    const request = RequestItems[this.name];
    if (!request) throw new AwsError("ResourceNotFoundException", "no such table");
    const texts = request.Keys.map(keyOf);
    if (texts.length > 100 || new Set(texts).size !== texts.length) throw new AwsError("ValidationException", "keys");
    const { faults } = this.#world;
    const left = request.Keys.filter(() => faults.happens("dynamodb.keys-unprocessed"));
    const read = request.Keys.filter((key) => !left.includes(key));
    const found = read.flatMap((key) => this.#get(key, request.ConsistentRead) ?? []);
    return {
      Responses: { [this.name]: this.#world.random.shuffled(found) },
      UnprocessedKeys: left.length === 0 ? {} : { [this.name]: { ...request, Keys: left } },
    };
  }

  /** An index may be late: it then has an item as it was before its last change. */
  #query(input: TableInput): unknown {
    const { faults } = this.#world;
    const isLate = (key: string) => this.#before.has(key) && faults.happens("dynamodb.read-stale");
    const indexed = () =>
      [...new Set([...this.items.keys(), ...this.#before.keys()])]
        .map((key) => (isLate(key) ? this.#before : this.items).get(key))
        .filter((item) => item !== undefined);
    const items = input.IndexName === undefined ? [...this.items.values()] : indexed();
    return queryPage(items, input, faults.happens("dynamodb.keys-unprocessed") ? 2 : Infinity);
  }

  #write(action: Action, input: Condition): unknown {
    if (this.#world.faults.happens("dynamodb.conflict")) {
      throw new AwsError("TransactionConflictException", "another transaction holds the item");
    }
    const failed = this.#failed(action);
    if (failed) {
      const all = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
      throw new AwsError("ConditionalCheckFailedException", "the conditional request failed", false, {
        ...(all && failed.item && { Item: failed.item }),
      });
    }
    this.#apply([action], false);
    return {};
  }

  #transact(actions: readonly Action[], token: string | undefined): unknown {
    const { faults, scheduler, checks } = this.#world;
    const known = token === undefined ? undefined : this.#tokens.get(token);
    if (known !== undefined) {
      if (scheduler.now - known < TOKEN_MILLISECONDS && !faults.happens("dynamodb.token-expired")) {
        this.#world.rare("transaction repeated under its token");
        return {};
      }
      this.#world.rare("transaction repeated after its token expired");
    }
    const attempts = actions.map((action) => ({
      key: keyOf(keyIn(action)),
      item: action.Put?.Item,
      guarded: isGuarded(action),
    }));
    checks.attempted(this.name, attempts);
    const keys = new Set(actions.map((action) => keyOf(keyIn(action))));
    if (actions.length > 100 || keys.size !== actions.length)
      throw new AwsError("ValidationException", "more than one action on an item");
    const conflict = faults.happens("dynamodb.conflict") ? this.#world.random.below(actions.length) : undefined;
    const failed = actions.map((action) => this.#failed(action));
    if (conflict !== undefined && failed.some(Boolean)) {
      this.#world.rare("transaction cancelled for two reasons at once");
      checks.held(this.name, attempts);
    }
    if (conflict !== undefined || failed.some(Boolean)) throw this.#cancelled(actions, failed, conflict);
    this.#apply(actions, true);
    if (token !== undefined) this.#tokens.set(token, scheduler.now);
    return {};
  }

  #cancelled(
    actions: readonly Action[],
    failed: ({ item: Item | undefined } | undefined)[],
    conflict: number | undefined,
  ): AwsError {
    const passing = this.#world.random.pick(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);
    const reasons = failed.map((failure, index) => {
      if (index === conflict) return { Code: passing };
      if (!failure) return { Code: "None" };
      const returned = conditionOf(actions[index]!).ReturnValuesOnConditionCheckFailure;
      return { Code: "ConditionalCheckFailed", ...(returned === "ALL_OLD" && failure.item && { Item: failure.item }) };
    });
    return new AwsError("TransactionCanceledException", "transaction cancelled", false, { CancellationReasons: reasons });
  }

  #failed(action: Action): { item: Item | undefined } | undefined {
    const condition = conditionOf(action);
    const item = this.items.get(keyOf(keyIn(action)));
    return holds(condition.ConditionExpression, item, condition) ? undefined : { item };
  }

  #apply(actions: readonly Action[], transaction: boolean): void {
    const changes: Change[] = [];
    for (const { Put, Update, Delete } of actions) {
      const target = Put ? Put.Item : (Update ?? Delete)?.Key;
      if (!target) continue;
      const key = keyOf(target);
      const before = this.items.get(key);
      const after = Put
        ? Put.Item
        : Update
          ? updated(Update.UpdateExpression ?? "", before ?? { ...Update.Key }, Update)
          : undefined;
      this.#before.set(key, before);
      if (after) this.items.set(key, after);
      else this.items.delete(key);
      changes.push({ key, before, after });
    }
    this.#world.checks.committed(this.name, changes, transaction);
    this.stream?.take(changes);
  }
}

/** Whether an action happens only where there is no item yet, or one of a version or checkpoint that was read. */
function isGuarded({ Put, ConditionCheck }: Action): boolean {
  const { ConditionExpression = "" } = Put ?? ConditionCheck ?? {};
  return ["attribute_not_exists(pk)", "#version = :version", "checkpoints = :checkpoints"].some((guard) =>
    ConditionExpression.startsWith(guard),
  );
}

function conditionOf({ Put, Update, Delete, ConditionCheck }: Action): Condition {
  return Put ?? Update ?? Delete ?? ConditionCheck!;
}

function keyIn({ Put, Update, Delete, ConditionCheck }: Action): Key {
  return Put ? Put.Item : (Update ?? Delete ?? ConditionCheck!).Key;
}

/** A text that tells keys apart. */
export function keyOf(key: Key): string {
  return `${key["pk"]?.S ?? ""}|${key["sk"]?.S ?? ""}`;
}
