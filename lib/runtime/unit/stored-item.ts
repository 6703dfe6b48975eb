import {
  ALONE,
  type AnyEntityDefinition,
  type EntityDefinition,
  type EntityVersion,
  type ItemKey,
  type ItemOf,
} from "../../contracts/entity.ts";
import { EXPIRES_AT, INBOX_ONLY, keyAttributes, isReserved, SCHEMA_VERSION } from "../../contracts/item-attributes.ts";
import { judge } from "../../contracts/validate.ts";
import { NewerItemError, PermanentError, StoredItemError } from "../errors.ts";

/** An item's attributes, by name. */
export type Attributes = Readonly<Record<string, unknown>>;

/** An item to store: the entity's data, and what the runtime adds to it. */
export interface ItemToStore {
  readonly data: Attributes;
  readonly added: Attributes;
}

/**
 * Checks an item's data against its entity's schema, and works out what is stored with it: its schema version, when it expires, and
 * the keys of its indexes.
 *
 * @throws PermanentError that names each attribute that is wrong.
 */
export function toItem<Entity extends AnyEntityDefinition>(entity: Entity, key: ItemKey, data: ItemOf<Entity>): ItemToStore;
export function toItem(entity: EntityDefinition<Attributes>, key: ItemKey, data: unknown): ItemToStore {
  const refused = (reason: string) => new PermanentError(`the item ${nameOf(key)} cannot be put: ${reason}`);
  const verdict = judge(entity.schema, data, `entity ${entity.name}`);
  if ("reason" in verdict) throw refused(verdict.reason);
  const { value } = verdict;
  const taken = Object.keys(value).find(isReserved);
  if (taken !== undefined) throw refused(`it has an attribute "${taken}", which the runtime keeps for itself`);
  const expires = entity.expires?.(value);
  if (expires && Number.isNaN(expires.getTime())) throw refused("`expires` gave an invalid Date");
  return {
    data: value,
    added: {
      ...(versionOf(entity) > 1 && { [SCHEMA_VERSION]: versionOf(entity) }),
      ...(expires && { [EXPIRES_AT]: Math.ceil(expires.getTime() / 1_000) }),
      ...Object.fromEntries(Object.keys(entity.indexes ?? {}).flatMap((index) => indexKeys(entity, index, value))),
    },
  };
}

/** The attributes that put an item into an index of its entity; none when the index leaves the item out. */
function indexKeys(entity: EntityDefinition<Attributes>, index: string, data: Attributes): [name: string, key: string][] {
  const keys = entity.indexes?.[index];
  const partition = keys?.partition(data);
  if (!keys || partition === undefined) return [];
  const names = keyAttributes(index);
  return [
    [names.partition, partitionKey(entity, partition)],
    [names.sort, keys.sort?.(data) ?? ALONE],
  ];
}

/** The partition key of an entity's items in the table or an index: entities share both. */
export function partitionKey(entity: { readonly name: string }, partition: string): string {
  return `${entity.name}#${partition}`;
}

/** Whether an item does not exist for handlers: its time is up, or it only holds inbox entries. */
export function isAbsent(item: Attributes): boolean {
  return isExpired(item) || item[INBOX_ONLY] === true;
}

/** Whether an item's time is up. DynamoDB deletes it within a few days; until then it is treated as absent. */
export function isExpired(item: Attributes): boolean {
  const expiresAt = item[EXPIRES_AT];
  return typeof expiresAt === "number" && expiresAt <= Date.now() / 1_000;
}

/**
 * The data of a stored item, without the runtime's attributes and in the entity's version.
 *
 * @throws StoredItemError when it does not fit the schema of its version, or of a newer one once upcast; NewerItemError when this
 * code does not know its version yet.
 */
export function fromItem<Entity extends AnyEntityDefinition>(entity: Entity, key: ItemKey, item: Attributes): ItemOf<Entity>;
export function fromItem(entity: EntityVersion, key: ItemKey, item: Attributes): unknown {
  const { [SCHEMA_VERSION]: stored = 1 } = item;
  if (typeof stored === "number" && stored > versionOf(entity)) {
    throw new NewerItemError(
      `the item ${nameOf(key)} has version ${stored} of the entity ${entity.name}, and this code knows version ${versionOf(entity)}: deploy the newer code`,
    );
  }
  const data = Object.fromEntries(Object.entries(item).filter(([name]) => !isReserved(name)));
  return inVersionOf(entity, key, stored, data);
}

/** Checks data of a version against that version's schema, and upcasts it to the entity's. */
function inVersionOf(entity: EntityVersion, key: ItemKey, stored: unknown, data: object): object {
  const unfit = (reason: string) =>
    new StoredItemError(
      `the item ${nameOf(key)} does not fit version ${versionOf(entity)} of the entity ${entity.name}: ${reason}. The event is not at fault: mend the item, or the entity's schema or upcasts`,
    );
  let current = data;
  if (stored !== versionOf(entity)) {
    const upcast = entity.upcasts?.find(({ from }) => understands(from, stored));
    if (!upcast) throw unfit(`it has version ${String(stored)}, from which nothing upcasts`);
    current = upcast.convert(inVersionOf(upcast.from, key, stored, data));
  }
  const verdict = judge(entity.schema, current, `entity ${entity.name}`);
  if ("reason" in verdict) throw unfit(verdict.reason);
  return verdict.value;
}

function understands(entity: EntityVersion, version: unknown): boolean {
  return version === versionOf(entity) || (entity.upcasts ?? []).some(({ from }) => understands(from, version));
}

function versionOf({ version = 1 }: EntityVersion): number {
  return version;
}

/** An item in a message: `order#1001`, or `journal#1001, 2026-11-21`. */
function nameOf({ pk, sk }: ItemKey): string {
  return sk === ALONE ? pk : `${pk}, ${sk}`;
}
