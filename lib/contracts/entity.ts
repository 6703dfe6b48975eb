import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkEntity } from "./checks/entity.ts";
import type { Upcast } from "./versions.ts";

/** What is needed to read an item of an entity's version. */
export interface EntityVersion<Data extends object = object> {
  readonly name: string;
  /** The shape of the item, without the runtime's own attributes (lib/contracts/item-attributes.ts). */
  readonly schema: StandardSchemaV1<unknown, Data>;
  /** The schema's version: raise it when items in the table do not fit the new schema, and add an upcast. @default 1 */
  readonly version?: number;
  /** Older versions, each kept as its own definition; an item of one is converted when it is read. See `upcastFrom`. */
  readonly upcasts?: readonly Upcast<Data, EntityVersion>[];
}

/**
 * One kind of item in a service's table. The partition key is `<name>#<id>`; an id of two parts sets the sort key too,
 * so that the items of one partition can be queried together. Made by {@link defineEntity}.
 */
export interface EntityDefinition<Data extends object = object, Index extends string = string> extends EntityVersion<Data> {
  /** The item's id, from its data. */
  readonly id: (data: Data) => EntityId;
  /**
   * Other keys to query the items by: `unit.query(order, "c-7", { index: "byCustomer" })`. An index holds the items that were
   * put since it was declared; to have the others in it, put each of them once more.
   */
  readonly indexes?: Readonly<Record<Index, EntityIndex<Data>>>;
  /**
   * When the item ceases to exist; undefined for never. From that second on the unit of work treats it as absent, and DynamoDB
   * deletes it within a few days. Must not depend on a number that `unit.add` changes.
   */
  readonly expires?: (data: Data) => Date | undefined;
}

/** An index of an entity's items. Its keys must not depend on a number that `unit.add` changes. */
export interface EntityIndex<Data> {
  /** What the item is found by; undefined keeps it out of the index. */
  readonly partition: (data: Data) => string | undefined;
  /** Orders the items of one partition, by the bytes of the text: pad numbers with zeros. @default - no order */
  readonly sort?: (data: Data) => string;
}

/** An id, or a partition's id and the item's sort key in it. */
export type EntityId = string | readonly [partition: string, sort: string];

/** The primary key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- `id` is contravariant in Data: no other type accepts every entity
export type AnyEntityDefinition = EntityDefinition<any, any>;

/** The data that an entity's items hold. */
// oxlint-disable-next-line typescript/no-explicit-any -- whatever its indexes are called
export type ItemOf<Entity> = Entity extends EntityDefinition<infer Data, any> ? Data : never;

/** The names of an entity's indexes. */
export type IndexOf<Entity> = Entity extends { readonly indexes?: Readonly<Record<infer Index extends string, unknown>> }
  ? Index
  : never;

/**
 * Declares an entity.
 *
 * @throws Error when its name or an attribute of its schema is the runtime's, an index has a name that AWS refuses, or an upcast is
 * not from an older version of the entity.
 */
export function defineEntity<Schema extends StandardSchemaV1<unknown, object>, Index extends string = never>(
  definition: Omit<EntityDefinition<StandardSchemaV1.InferOutput<Schema>, Index>, "schema"> & { readonly schema: Schema },
): EntityDefinition<StandardSchemaV1.InferOutput<Schema>, Index> {
  // Checked wherever definitions are loaded, such as synthesis and tests. Bundles drop statements with this label.
  DEFINITION_CHECKS: checkEntity(definition);
  return definition;
}

/** The sort key of an item without a second id part, and of an index without an order. */
export const ALONE = "-";

/** The primary key of an entity's item. */
export function keyOf(entity: { readonly name: string }, id: EntityId): ItemKey {
  return typeof id === "string" ? { pk: `${entity.name}#${id}`, sk: ALONE } : { pk: `${entity.name}#${id[0]}`, sk: id[1] };
}
