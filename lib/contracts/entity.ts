import type { StandardSchemaV1 } from "@standard-schema/spec";
import { validate } from "./validate.ts";

/**
 * One kind of item in a service's table. The partition key is `<name>#<id>`; an id of two parts sets the sort key too,
 * so that items of one partition can be read together. Made by {@link defineEntity}.
 */
export interface EntityDefinition<Data extends object = object> {
  readonly name: string;
  /** The shape of the item, without the runtime's own attributes: `pk`, `sk`, `version`, `expiresAt`. */
  readonly schema: StandardSchemaV1<unknown, Data>;
  /** The item's id, from its data. */
  readonly id: (data: Data) => EntityId;
}

/** An id, or a partition's id and the item's sort key in it. */
export type EntityId = string | readonly [partition: string, sort: string];

/** The primary key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- `id` is contravariant in Data: no other type accepts every entity
export type AnyEntityDefinition = EntityDefinition<any>;

/** The data that an entity's items hold. */
export type ItemOf<Entity> = Entity extends EntityDefinition<infer Data> ? Data : never;

/** Declares an entity. */
export function defineEntity<Schema extends StandardSchemaV1<unknown, object>>(definition: {
  readonly name: string;
  readonly schema: Schema;
  readonly id: (data: StandardSchemaV1.InferOutput<Schema>) => EntityId;
}): EntityDefinition<StandardSchemaV1.InferOutput<Schema>> {
  return definition;
}

/**
 * Checks an item's data against its entity's schema, and returns it typed.
 *
 * @throws InvalidEventError that names each attribute that is wrong.
 */
export function parseItem<Entity extends AnyEntityDefinition>(entity: Entity, data: unknown): ItemOf<Entity> {
  // oxlint-disable-next-line typescript/no-unsafe-argument -- the schema's output is ItemOf<Entity>; AnyEntityDefinition has to say any
  return validate<ItemOf<Entity>>(entity.schema, data, `${entity.name} item`);
}

/** The sort key of an item without a second id part. */
const ALONE = "-";

/** The primary key of an entity's item. */
export function keyOf(entity: { readonly name: string }, id: EntityId): ItemKey {
  return typeof id === "string" ? { pk: `${entity.name}#${id}`, sk: ALONE } : { pk: `${entity.name}#${id[0]}`, sk: id[1] };
}
