import { isReserved, RUNTIME_KINDS } from "../item-attributes.ts";
import { checkName } from "./names.ts";

/** What is checked of an entity. */
interface Entity {
  readonly name: string;
  readonly schema: unknown;
  readonly version?: number;
  readonly indexes?: Readonly<Record<string, unknown>>;
  readonly upcasts?: readonly { readonly from: Entity }[];
}

/** Names of indexes: amazondynamodb, API_GlobalSecondaryIndex, "IndexName" asks for 3 characters at least. */
const INDEX_NAME = /^[a-z][A-Za-z0-9]{2,99}$/;

/** @throws Error as `defineEntity` says. */
export function checkEntity(entity: Entity): void {
  const { name, schema, version = 1, indexes = {}, upcasts = [] } = entity;
  checkName("entity", name);
  if (RUNTIME_KINDS.includes(name)) throw new Error(`entity name "${name}": the runtime keeps its own items under it`);
  const taken = attributesOf(schema).find(isReserved);
  if (taken) throw new Error(`entity ${name}: its schema has an attribute "${taken}", which the runtime keeps for itself`);
  if (!Number.isInteger(version) || version < 1) throw new Error(`entity ${name}: version ${version}: expected 1, 2, 3 …`);
  for (const index of Object.keys(indexes)) {
    if (!INDEX_NAME.test(index)) {
      throw new Error(`entity ${name}: index "${index}": expected 3 to 100 letters and digits, like byCustomer`);
    }
  }
  for (const { from } of upcasts) {
    const reason = whyInvalid(entity, from);
    if (reason) throw new Error(`entity ${name}: it cannot upcast version ${from.version ?? 1} of ${from.name}: ${reason}`);
  }
  const versions = understoodVersions(entity);
  const twice = versions.find((one, index) => versions.indexOf(one) !== index);
  if (twice !== undefined) throw new Error(`entity ${name}: it upcasts version ${twice} in two ways: expected one`);
}

/** Why an upcast is invalid; undefined when it is valid. */
function whyInvalid(entity: Entity, from: Entity): string | undefined {
  if (from.name !== entity.name) return "it is another entity";
  return (from.version ?? 1) < (entity.version ?? 1) ? undefined : "it is not an older version";
}

function understoodVersions({ version = 1, upcasts = [] }: Entity): number[] {
  return [version, ...upcasts.flatMap(({ from }) => understoodVersions(from))];
}

/**
 * The attributes that a schema names, as far as they can be seen: those of valibot's objects, and of unions, variants and
 * intersections of objects. What other schemas let through is refused when an item is put.
 */
function attributesOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const entries: unknown = "entries" in schema ? schema.entries : undefined;
  const options: unknown = "options" in schema ? schema.options : undefined;
  return [
    ...(typeof entries === "object" && entries !== null ? Object.keys(entries) : []),
    ...(Array.isArray(options) ? options.flatMap(attributesOf) : []),
  ];
}
