import { hash } from "node:crypto";
import { BatchGetItemCommand, GetItemCommand, type AttributeValue, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "./attribute-values.ts";
import { type AnyEntityDefinition, type EntityId, type ItemKey, type ItemOf, keyOf, parseItem } from "../contracts/entity.ts";
import { createEnvelope, type Envelope } from "../contracts/envelope.ts";
import type { AnyEventDefinition, DataOf } from "../contracts/event.ts";
import { BATCH_GET_KEYS } from "../contracts/limits.ts";
import type { ServiceDefinition } from "../contracts/service.ts";
import type { ClaimCheck, Upload } from "./claim-check.ts";
import type { Clients } from "./clients.ts";
import { commit } from "./commit.ts";
import { jitteredPause, mapLimited } from "./concurrency.ts";
import type { ServiceConfig } from "./config.ts";
import type { Deadline } from "./deadline.ts";
import { Effects } from "./effects.ts";
import { PermanentError } from "./errors.ts";
import { inboxKey, inboxRecord, type OutgoingEvent } from "./inbox.ts";
import type { ItemInbox } from "./item-inbox.ts";
import { prepareMessage } from "./message.ts";
import { keyText, toAction, versionAfter, type Write } from "./writes.ts";

/** BatchGetItem requests under way at once. */
const READS_AT_ONCE = 4;

/** Attempts at keys that BatchGetItem left unprocessed, and the longest wait before the second, in milliseconds. */
const READ_ATTEMPTS = 6;
const READ_BACKOFF_MILLISECONDS = 20;

/** What a unit of work stands on. */
export interface UnitContext extends Deadline {
  readonly service: ServiceDefinition;
  readonly config: ServiceConfig;
  readonly clients: Clients;
  readonly event: Envelope;
  /** Tells the event from another one under the same id. */
  readonly fingerprint: string;
  readonly attempt: number;
  /** Keeps the inbox in the one item that the handler writes. @default - in a record of its own */
  readonly itemInbox?: ItemInbox;
  /** Carries the data of large events. @default - no event is larger than SNS takes */
  readonly claimCheck?: ClaimCheck;
}

/**
 * All that one event changes: state and outgoing events, gathered while the handler runs and committed together when it
 * returns. Reads are consistent, and remember the version they saw: the commit fails, and the handler runs again, when
 * somebody was faster.
 */
export class UnitOfWork<Service extends ServiceDefinition = ServiceDefinition> {
  /** Outside effects, each recorded so that it is not repeated. */
  readonly effects: Effects;
  readonly #context: UnitContext;
  readonly #versions = new Map<string, number>();
  readonly #items = new Map<string, Record<string, unknown>>();
  readonly #writes = new Map<string, Write>();
  readonly #outgoing: OutgoingEvent[] = [];
  readonly #uploads: Upload[] = [];

  constructor(context: UnitContext) {
    this.#context = context;
    this.effects = new Effects(context);
  }

  /** Aborts when the handler's time is up; hand it to calls that can hang. */
  get signal(): AbortSignal {
    return this.#context.signal;
  }

  /** How often the event has been received, this time included. */
  get attempt(): number {
    return this.#context.attempt;
  }

  /** Reads one item; undefined when there is none. */
  async get<Entity extends Service["owns"][number]>(entity: Entity, id: EntityId): Promise<ItemOf<Entity> | undefined> {
    const key = keyOf(entity, id);
    const { Item } = await this.#context.clients.dynamodb.send(
      new GetItemCommand({ TableName: this.#context.config.table, Key: marshall(key), ConsistentRead: true }),
    );
    return this.#read(entity, key, Item);
  }

  /** Reads many items of one kind; what stands in the place of an id that has none is undefined. */
  async getAll<Entity extends Service["owns"][number]>(
    entity: Entity,
    ids: readonly EntityId[],
  ): Promise<(ItemOf<Entity> | undefined)[]> {
    const keys = ids.map((id) => keyOf(entity, id));
    const unique = [...new Map(keys.map((key) => [keyText(key), key])).values()];
    const chunks = Array.from({ length: Math.ceil(unique.length / BATCH_GET_KEYS) }, (_, index) =>
      unique.slice(index * BATCH_GET_KEYS, (index + 1) * BATCH_GET_KEYS),
    );
    const items = (await mapLimited(chunks, READS_AT_ONCE, (chunk) => this.#batchGet(chunk))).flat();
    const found = new Map(items.map((item) => [keyText({ pk: item["pk"]?.S ?? "", sk: item["sk"]?.S ?? "" }), item]));
    return keys.map((key) => this.#read(entity, key, found.get(keyText(key))));
  }

  /**
   * Creates or replaces an item. An item that this unit has read must still be as it was read; one that it has not read
   * must not exist.
   *
   * @param options.overwrite writes whatever is there: for data that is the same whoever writes it
   */
  put<Entity extends Service["owns"][number]>(
    entity: Entity,
    data: ItemOf<Entity>,
    options: { overwrite?: boolean } = {},
  ): void {
    const key = keyOf(entity, entity.id(data));
    const expected = options.overwrite ? "any" : this.#version(key);
    this.#write({ kind: "put", key, data: parseItem(entity, data), expected, version: versionAfter(expected) });
  }

  /** Deletes an item. One that this unit has read must still be as it was read. */
  delete<Entity extends Service["owns"][number]>(entity: Entity, id: EntityId): void {
    const key = keyOf(entity, id);
    this.#write({ kind: "delete", key, expected: this.#versions.get(keyText(key)) ?? "any" });
  }

  /**
   * Adds to a number of an item that exists, whoever else adds to it meanwhile. The commit fails, and the handler runs
   * again, when the sum would be below `atLeast`.
   */
  add<Entity extends Service["owns"][number]>(
    entity: Entity,
    id: EntityId,
    attribute: keyof ItemOf<Entity> & string,
    by: number,
    { atLeast }: { atLeast: number },
  ): void {
    this.#write({ kind: "add", key: keyOf(entity, id), attribute, by, atLeast });
  }

  /**
   * Emits an event: it is published once the unit has committed, under an id that is the same on every redelivery.
   *
   * @throws InvalidEventError when the data breaks the event's contract; EventTooLargeError over SNS's limit.
   */
  emit<Definition extends Service["publishes"][number]>(definition: Definition, data: DataOf<Definition>): void {
    const { event, service, claimCheck } = this.#context;
    const id = outgoingId(event.id, service.name, this.#outgoing.length);
    const envelope = createEnvelope(definition as AnyEventDefinition, data, { source: service.name, id, cause: event });
    const { message, upload } = prepareMessage(definition, envelope, claimCheck);
    this.#outgoing.push({ topic: definition.topic.name, ...message });
    if (upload) this.#uploads.push(upload);
  }

  /**
   * Commits the writes so far by themselves, for work that needs more than one transaction. The handler must be able to
   * tell from its own items how far it has got: it starts again from the top when a later step fails. Emitted events wait
   * for the end of the handler.
   */
  async checkpoint(): Promise<void> {
    const { config, event } = this.#context;
    if (this.#writes.size === 0) return;
    if (this.#context.itemInbox) throw new PermanentError("with inboxInItem there is one write, and no checkpoint before it");
    await this.#commit({
      ConditionCheck: {
        TableName: config.table,
        Key: marshall(inboxKey(config.service, event.id)),
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    });
    for (const [text, write] of this.#writes) {
      if (write.kind === "put") this.#versions.set(text, write.version);
      else this.#versions.delete(text);
    }
    this.#writes.clear();
  }

  /** Commits everything together with the inbox record. The consumer calls it when the handler has returned. */
  async complete(): Promise<OutgoingEvent[]> {
    const { config, event, fingerprint } = this.#context;
    const outgoing = [...this.#outgoing];
    // Before the commit: data without its event is litter that the bucket clears away; an event without its data would be lost.
    await Promise.all(this.#uploads.map((upload) => upload(this.#context.signal)));
    if (this.#context.itemInbox && this.#writes.size > 0) {
      const writes = [...this.#writes.values()];
      await this.#context.itemInbox.commit(this.#context, { writes, items: this.#items, outgoing });
      return outgoing;
    }
    await this.#commit({
      Put: {
        TableName: config.table,
        Item: marshall(inboxRecord(config, { id: event.id, fingerprint }, outgoing, Date.now())),
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    });
    return outgoing;
  }

  async #commit(inbox: TransactWriteItem): Promise<void> {
    const { clients, config } = this.#context;
    const writes = [...this.#writes.values()].map((write) => toAction(config.table, write));
    await commit(clients.dynamodb, [inbox, ...writes], this.#context);
  }

  #version(key: ItemKey): number {
    return this.#versions.get(keyText(key)) ?? 0;
  }

  #write(write: Write): void {
    const text = keyText(write.key);
    const earlier = this.#writes.get(text);
    if (!earlier || (earlier.kind !== "add" && write.kind !== "add")) {
      this.#writes.set(text, write);
    } else if (earlier.kind === "add" && write.kind === "add" && earlier.attribute === write.attribute) {
      this.#writes.set(text, { ...write, by: earlier.by + write.by, atLeast: Math.max(earlier.atLeast, write.atLeast) });
    } else {
      throw new PermanentError(`the item ${write.key.pk} is written in two ways that one transaction cannot join`);
    }
  }

  #read<Entity extends AnyEntityDefinition>(
    entity: Entity,
    key: ItemKey,
    item: Record<string, AttributeValue> | undefined,
  ): ItemOf<Entity> | undefined {
    const { itemInbox, event } = this.#context;
    const { version, ...data } = item ? unmarshall(item) : {};
    if (itemInbox) {
      itemInbox.requireNew(data, event.id);
      this.#items.set(keyText(key), data);
    }
    this.#versions.set(keyText(key), typeof version === "number" ? version : 0);
    return item && parseItem(entity, data);
  }

  async #batchGet(keys: readonly ItemKey[]): Promise<Record<string, AttributeValue>[]> {
    const { clients, config } = this.#context;
    const items: Record<string, AttributeValue>[] = [];
    let left = keys.map((key) => marshall(key));
    for (let attempt = 1; ; attempt++) {
      const answer = await clients.dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [config.table]: { Keys: left, ConsistentRead: true } } }),
      );
      items.push(...(answer.Responses?.[config.table] ?? []));
      left = answer.UnprocessedKeys?.[config.table]?.Keys ?? [];
      if (left.length === 0) return items;
      if (attempt === READ_ATTEMPTS)
        throw new Error(`DynamoDB left ${left.length} of ${keys.length} items unread: it is too busy`);
      await jitteredPause(READ_BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
    }
  }
}

/** The id of an outgoing event: the same for every redelivery of the event that led to it. A UUID of version 8, RFC 9562. */
function outgoingId(eventId: string, consumer: string, index: number): string {
  const hex = hash("sha256", JSON.stringify([eventId, consumer, index]), "hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
