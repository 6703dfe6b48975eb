import { isRecord } from "../../../shared/json.ts";
import { type KnownTable } from "../tables.ts";
import { expressionTokens } from "./expression-names.ts";
import { type Part, plainValue } from "./part.ts";
import { structureOf, structuresOf } from "./structures.ts";

/** The partition keys that part of a call names; undefined where they cannot be told. */
export function leadingKeysOf(part: Part, known: KnownTable | undefined): string[] | undefined {
  const key = part.index === undefined ? known?.key : known?.indexes.get(part.index);
  if (part.touch !== undefined) return ofStatement(part, key?.[0]);
  if (part.action === "Query") return ofQuery(part.request, key);
  const items = itemsOf(part.request);
  const values = items.map((item) => {
    // A key of one attribute needs no schema to be read.
    const names = Object.keys(item);
    const name = key?.[0] ?? (names.length === 1 ? names[0] : undefined);
    return name === undefined ? undefined : plainValue(item[name]);
  });
  return allKnown(values);
}

/** The items and keys of a request: one, or those of a batch. */
export function itemsOf({ Key: key, Item: item, Keys: keys, Writes: writes }: Part["request"]): Record<string, unknown>[] {
  const written = structuresOf(writes).flatMap(({ PutRequest: put, DeleteRequest: deletion }) => [
    structureOf(put)?.["Item"],
    structureOf(deletion)?.["Key"],
  ]);
  const read: unknown[] = Array.isArray(keys) ? keys : [];
  return [key, item, ...read, ...written].filter(isRecord);
}

function ofQuery(request: Part["request"], key: readonly string[] | undefined): string[] | undefined {
  const equalities = [...expressionEqualities(request), ...legacyEqualities(request)];
  // Only a partition key has to be equal to something: without a schema, a single equality is its.
  const [only] = equalities;
  const name = key?.[0] ?? (equalities.length === 1 ? only?.[0] : undefined);
  const values = equalities.filter(([attribute]) => attribute === name).map(([, value]) => value);
  return values.length === 0 ? undefined : allKnown(values);
}

/** `pk = :value` in a KeyConditionExpression, in either order. */
function expressionEqualities(request: Part["request"]): [string, string | undefined][] {
  const { KeyConditionExpression: expression, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = request;
  if (typeof expression !== "string") return [];
  const tokens = expressionTokens(expression, names);
  return tokens.flatMap(({ text }, index): [string, string | undefined][] => {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (text !== "=" || before === undefined || after === undefined) return [];
    const [name, value] = before.kind === "name" ? [before, after] : [after, before];
    return [[name.text, plainValue(isRecord(values) ? values[value.text] : undefined)]];
  });
}

/** KeyConditions, which were before expressions. */
function legacyEqualities({ KeyConditions: conditions }: Part["request"]): [string, string | undefined][] {
  if (!isRecord(conditions)) return [];
  return Object.entries(conditions).flatMap(([name, condition]): [string, string | undefined][] => {
    if (!isRecord(condition) || condition["ComparisonOperator"] !== "EQ") return [];
    const { AttributeValueList: list } = condition;
    return [[name, plainValue(Array.isArray(list) ? list[0] : undefined)]];
  });
}

/** What a statement asks of the partition key; that of an INSERT is in the item. */
function ofStatement({ touch, request }: Part, name: string | undefined): string[] | undefined {
  const { Parameters: given } = request;
  const parameters: unknown[] = Array.isArray(given) ? given : [];
  const values = touch?.conditions
    ?.filter(({ attribute }) => attribute === name)
    .flatMap((condition) =>
      condition.values.map((value) => (typeof value === "string" ? value : plainValue(parameters[value.parameter]))),
    );
  return values === undefined || values.length === 0 ? undefined : allKnown(values);
}

function allKnown(values: readonly (string | undefined)[]): string[] | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? [...new Set(known)] : undefined;
}
