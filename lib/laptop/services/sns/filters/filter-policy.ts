import { isRecord } from "../../../shared/json.ts";
import type { MessageAttributes } from "../message.ts";
import { isReserved, meets, type Scalar } from "./filter-condition.ts";

/** What a filter policy looks at: the values of each property, by its name or, below others, by its path (`order.lines.sku`). */
type PropertyValues = ReadonlyMap<string, readonly Scalar[]>;

/** Where a filter policy looks: FilterPolicyScope of a subscription. */
export type FilterScope = "MessageAttributes" | "MessageBody";

/**
 * Whether a subscription's filter policy lets a message through.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html and the pages below it.
 */
export function passes(policy: Readonly<Record<string, unknown>>, scope: FilterScope, message: Filtered): boolean {
  const values = scope === "MessageBody" ? valuesOfBody(message.body) : valuesOfAttributes(message.attributes);
  return values !== undefined && holds(policy, values);
}

interface Filtered {
  readonly body: string;
  readonly attributes: MessageAttributes;
}

/** All names of a policy must match, and of each name's conditions one. Below a name there may be further names. */
function holds(policy: Readonly<Record<string, unknown>>, values: PropertyValues, path = ""): boolean {
  return Object.entries(policy).every(([name, wanted]) => {
    if (name === "$or" && isAlternative(wanted)) return wanted.some((branch) => holds(branch, values, path));
    const property = path + name;
    if (isRecord(wanted)) return holds(wanted, values, `${property}.`);
    const conditions: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    return conditions.some((condition) => meets(condition, values.get(property) ?? [], values.size > 0));
  });
}

/** `$or` is an operator where at least two objects follow whose names are no operators: sns/latest/dg/and-or-logic */
function isAlternative(wanted: unknown): wanted is Record<string, unknown>[] {
  return (
    Array.isArray(wanted) &&
    wanted.length > 1 &&
    wanted.every((branch) => isRecord(branch) && !Object.keys(branch).some(isReserved))
  );
}

/** Attributes of the types String, String.Array and Number; those of other types match nothing. */
function valuesOfAttributes(attributes: MessageAttributes): PropertyValues {
  const values = new Map<string, Scalar[]>();
  for (const [name, { DataType, StringValue = "" }] of Object.entries(attributes)) {
    if (DataType === "String.Array") collect(parseJson(StringValue), name, values);
    else if (/^Number(\.|$)/.test(DataType)) values.set(name, [Number(StringValue)]);
    else if (/^String(\.|$)/.test(DataType)) values.set(name, [StringValue]);
  }
  return values;
}

/** The values of a body's properties; undefined where it is no JSON object, which no policy matches. */
function valuesOfBody(body: string): PropertyValues | undefined {
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return undefined;
  const values = new Map<string, Scalar[]>();
  collect(parsed, "", values);
  return values;
}

/** Of an array each element counts, in whatever depth: a property that lies in an array of objects has one value per object. */
function collect(value: unknown, path: string, values: Map<string, Scalar[]>): void {
  if (Array.isArray(value)) for (const element of value) collect(element, path, values);
  else if (isRecord(value)) {
    for (const [name, below] of Object.entries(value)) collect(below, path === "" ? name : `${path}.${name}`, values);
  } else if (isScalar(value)) values.set(path, [...(values.get(path) ?? []), value]);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}
