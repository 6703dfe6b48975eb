import type { Random } from "../../support/random.ts";
import type { KeySpec, KeyType } from "./keys.ts";

const OPERATORS: Readonly<Record<KeyType, readonly string[]>> = {
  string: [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
  ],
  strings: ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"],
  number: [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
  ],
  date: ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
  bool: ["Bool"],
  ip: ["IpAddress", "NotIpAddress"],
  arn: ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringLike", "StringNotEquals"],
};

/** A Condition element of one or two tests. */
export function randomCondition(random: Random, keys: readonly KeySpec[]): Record<string, Record<string, unknown>> {
  const condition: Record<string, Record<string, unknown>> = {};
  const tests = random.chance(0.75) ? 1 : 2;
  for (let test = 0; test < tests; test++) {
    const key = random.pick(keys);
    const operator = operatorFor(random, key.type);
    condition[operator] = { ...condition[operator], [spelt(random, key.name)]: valuesFor(random, key, operator) };
  }
  return condition;
}

function operatorFor(random: Random, type: KeyType): string {
  if (random.chance(0.08)) return "Null";
  const name = `${random.pick(OPERATORS[type])}${random.chance(0.2) ? "IfExists" : ""}`;
  const quantified = type === "strings" || random.chance(0.04);
  return quantified ? `${random.pick(["ForAllValues", "ForAnyValue"])}:${name}` : name;
}

function valuesFor(random: Random, { inCalls, inPolicies, type }: KeySpec, operator: string): unknown {
  if (operator === "Null") return random.pick(["true", "false"]);
  const all = [...inCalls, ...inPolicies];
  const first = random.pick(all);
  if (type === "bool" || random.chance(0.75)) return first;
  return [...new Set([first, random.pick(all)])];
}

/** The names of keys ignore case. */
function spelt(random: Random, name: string): string {
  return random.chance(0.1) ? name.toUpperCase() : name;
}
