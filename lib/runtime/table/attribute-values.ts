import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { PermanentError } from "../errors.ts";

/*
 * Items hold data from events and schemas: what JSON can express. For that, these few lines do what @aws-sdk/util-dynamodb
 * does in 5 KB and a fifth of the runtime's own time per event: docs/decisions/own-attribute-values.md.
 */

/** An item, or part of one, in DynamoDB's format. */
type Attributes = Record<string, AttributeValue>;

/** An attribute's value as it is read: from the SDK, or from a record of a table's stream. */
export interface ReadValue {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
  readonly L?: readonly ReadValue[] | undefined;
  readonly M?: Readonly<Record<string, ReadValue>> | undefined;
  /** Sets and binary data, which the runtime never writes. */
  readonly SS?: unknown;
  readonly NS?: unknown;
  readonly B?: unknown;
  readonly BS?: unknown;
}

/**
 * Turns data into DynamoDB's attribute values, without what is undefined.
 *
 * @throws PermanentError for what JSON cannot express, such as a Date or a Set, and for a number that would lose precision.
 */
export function marshall(data: object): Attributes {
  const attributes: [string, AttributeValue][] = [];
  for (const [name, value] of Object.entries(data)) if (value !== undefined) attributes.push([name, toAttribute(value)]);
  // Assigned one by one, a key `__proto__` would become the prototype, and the SDK would send what it inherits from there.
  return Object.fromEntries(attributes);
}

/**
 * Turns an item back into data.
 *
 * @throws PermanentError for binary values and sets, which the runtime never writes, and for a number beyond JavaScript's precision.
 */
export function unmarshall(item: Readonly<Record<string, ReadValue>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}

function toAttribute(value: unknown): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(requireExact(value)) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter((element) => element !== undefined).map(toAttribute) };
  if (typeof value === "object" && isPlain(value)) return { M: marshall(value) };
  throw new PermanentError(`a value of type ${nameOf(value)} cannot be kept in a table: expected JSON data`);
}

function fromAttribute(attribute: ReadValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return requireExact(Number(attribute.N));
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.M !== undefined) return unmarshall(attribute.M);
  throw new PermanentError(`the runtime never writes an attribute of type ${Object.keys(attribute).join()}`);
}

/** DynamoDB keeps 38 digits, JavaScript 15: a larger whole number would come back changed. */
function requireExact(value: number): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new PermanentError(`the number ${value} cannot be kept exactly`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  return typeof value === "object" && value !== null ? value.constructor.name : typeof value;
}
