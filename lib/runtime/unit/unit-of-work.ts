import { type AttributeValue, GetItemCommand, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { type AnyEntityDefinition, type EntityId, type ItemKey, type ItemOf, keyOf } from "../../contracts/entity.ts";
import { createEnvelope } from "../../contracts/envelope.ts";
import type { AnyEventDefinition, DataOf } from "../../contracts/event.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { PermanentError } from "../errors.ts";
import type { Upload } from "../publish/event-message.ts";
import { prepareMessages } from "../publish/prepare-message.ts";
import { marshall, unmarshall } from "./attribute-values.ts";
import { commit } from "./commit.ts";
import { Effects } from "./effects.ts";
import { inboxKey, inboxRecord, type OutgoingEvent, outgoingId } from "./inbox.ts";
import type { ItemInbox } from "./item-inbox.ts";
import { readItems } from "./read-items.ts";
import { fromItem, isExpired, toItem } from "./stored-item.ts";
import type { UnitContext } from "./unit-context.ts";
import { type ExpectedVersion, joinWrites, keyText, toAction, versionAfter, type Write } from "./writes.ts";

export interface UnitOfWorkContext extends UnitContext {
  /** Keeps the inbox in the one item that the handler writes. @default - in its own record */
  readonly itemInbox?: ItemInbox;
}

/**
 * All that one event changes: state and outgoing events, gathered while the handler runs and committed together when it
 * returns. Reads are consistent and remember the version they saw: if an item has changed by the commit, the commit fails
 * and the handler runs again.
 */
export class UnitOfWork<Service extends ServiceDefinition = ServiceDefinition> {
  /** Outside effects, each recorded so that it is not repeated. */
  readonly effects: Effects;
  readonly #context: UnitOfWorkContext;
  readonly #versions = new Map<string, ExpectedVersion>();
  readonly #items = new Map<string, Record<string, unknown>>();
  readonly #writes = new Map<string, Write>();
  readonly #outgoing: OutgoingEvent[] = [];
  readonly #uploads: Upload[] = [];

  constructor(context: UnitOfWorkContext) {
    this.#context = context;
    this.effects = new Effects(context);
  }

  /** Aborts when the handler's time is up; pass it to calls that can hang. */
  get signal(): AbortSignal {
    return this.#context.signal;
  }

  /** How often the event has been received, including this time. */
  get attempt(): number {
    return this.#context.attempt;
  }

  /** Reads one item; undefined if it does not exist. */
  async get<Entity extends Service["owns"][number]>(entity: Entity, id: EntityId): Promise<ItemOf<Entity> | undefined> {
    const key = keyOf(entity, id);
    const { Item } = await this.#context.clients.dynamodb.send(
      new GetItemCommand({ TableName: this.#context.config.table, Key: marshall(key), ConsistentRead: true }),
    );
    return this.#read(entity, key, Item);
  }

  /** Reads many items of one kind, in the order of the ids; undefined for each that does not exist. */
  async getAll<Entity extends Service["owns"][number]>(
    entity: Entity,
    ids: readonly EntityId[],
  ): Promise<(ItemOf<Entity> | undefined)[]> {
    const keys = ids.map((id) => keyOf(entity, id));
    const unique = [...new Map(keys.map((key) => [keyText(key), key])).values()];
    const items = await readItems(this.#context, unique);
    const found = new Map(items.map((item) => [keyText({ pk: item["pk"]?.S ?? "", sk: item["sk"]?.S ?? "" }), item]));
    return keys.map((key) => this.#read(entity, key, found.get(keyText(key))));
  }

  /**
   * Creates or replaces an item. An item that this unit has read must not have changed since; one that it has not read must
   * not exist.
   *
   * @param options.overwrite writes whatever is there: for data that is the same whoever writes it
   */
  put<Entity extends Service["owns"][number]>(
    entity: Entity,
    data: ItemOf<Entity>,
    options: { overwrite?: boolean } = {},
  ): void {
    const key = keyOf(entity, entity.id(data));
    const expected = options.overwrite ? "any" : this.#version(entity, key);
    this.#write({ kind: "put", key, ...toItem(entity, key, data), expected, version: versionAfter(expected) });
  }

  /** Deletes an item. One that this unit has read must not have changed since. */
  delete<Entity extends Service["owns"][number]>(entity: Entity, id: EntityId): void {
    const key = keyOf(entity, id);
    this.#write({ kind: "delete", key, expected: this.#versions.get(keyText(key)) ?? "any" });
  }

  /**
   * Adds to a number of an existing item, without conflicting with others that add to it. The commit fails, and the handler
   * runs again, if the sum would be below `atLeast`.
   */
  add<Entity extends Service["owns"][number]>(
    entity: Entity,
    id: EntityId,
    attribute: keyof ItemOf<Entity> & string,
    by: number,
    { atLeast }: { atLeast: number },
  ): void {
    this.#write({ kind: "add", key: keyOf(entity, id), attribute, by, atLeast, expires: !!entity.expires });
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
    for (const { message, upload } of prepareMessages(definition, envelope, claimCheck)) {
      this.#outgoing.push({ topic: definition.topic.name, ...message });
      if (upload) this.#uploads.push(upload);
    }
  }

  /**
   * Commits the writes so far, for work that needs more than one transaction. If a later step fails, the handler starts
   * again from the top, so its own items must show how far it got. Emitted events are still committed at the end.
   */
  async checkpoint(): Promise<void> {
    const { config, event } = this.#context;
    if (this.#writes.size === 0) return;
    if (this.#context.itemInbox) throw new PermanentError("inboxInItem allows one write, and no checkpoint before it");
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
    // Before the commit: the bucket's lifecycle deletes data without an event, but an event without its data would be lost.
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

  #version(entity: AnyEntityDefinition, key: ItemKey): ExpectedVersion {
    return this.#versions.get(keyText(key)) ?? (entity.expires ? "expired" : 0);
  }

  #write(write: Write): void {
    const text = keyText(write.key);
    const earlier = this.#writes.get(text);
    this.#writes.set(text, earlier ? joinWrites(earlier, write) : write);
  }

  #read<Entity extends AnyEntityDefinition>(
    entity: Entity,
    key: ItemKey,
    item: Record<string, AttributeValue> | undefined,
  ): ItemOf<Entity> | undefined {
    const { itemInbox, event } = this.#context;
    const stored = item ? unmarshall(item) : {};
    if (itemInbox) {
      itemInbox.requireNew(stored, event.id);
      this.#items.set(keyText(key), stored);
    }
    const expired = isExpired(stored);
    const { version } = stored;
    this.#versions.set(keyText(key), expired ? "expired" : typeof version === "number" ? version : 0);
    return item && !expired ? fromItem(entity, key, stored) : undefined;
  }
}
