import { BlockList, isIP } from "node:net";
import { compilePattern, type Pattern, type PatternRules } from "./pattern.ts";

/** A way to compare a call's value with a policy's. */
export interface ConditionOperator {
  /** It holds where no value of the policy fits. */
  readonly negated: boolean;
  /** Prepares one value of the policy. @throws Error that says what was expected */
  compile(value: string, rules: PatternRules): Pattern;
}

type Compile = ConditionOperator["compile"];

const stringEquals: Compile = (value, rules) => compilePattern(value, { ...rules, wildcards: false });
const stringEqualsIgnoreCase: Compile = (value, rules) =>
  compilePattern(value, { ...rules, wildcards: false, ignoreCase: true });
const stringLike: Compile = (value, rules) => compilePattern(value, rules);

/** Of an ARN's six parts, each is compared by itself. IAM user guide, "Amazon Resource Name (ARN) condition operators" */
const arnLike: Compile = (value, rules) => {
  const patterns = arnParts(value).map((part) => compilePattern(part, rules));
  return (text, context) => {
    const parts = arnParts(text);
    return parts.length === patterns.length && patterns.every((pattern, index) => pattern(parts[index] ?? "", context));
  };
};

function arnParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])];
}

function numeric(holds: (actual: number, expected: number) => boolean): Compile {
  return (value) => {
    const expected = Number(value);
    if (!Number.isFinite(expected)) throw new Error(`compares with ${value}: expected a number`);
    return (text) => holds(Number(text), expected);
  };
}

function date(holds: (actual: number, expected: number) => boolean): Compile {
  return (value) => {
    const expected = epochMilliseconds(value);
    if (Number.isNaN(expected)) throw new Error(`compares with ${value}: expected a date as ISO 8601 or in epoch seconds`);
    return (text) => holds(epochMilliseconds(text), expected);
  };
}

function epochMilliseconds(value: string): number {
  return /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value);
}

const bool: Compile = (value) => {
  const expected = value.toLowerCase();
  return (text) => text.toLowerCase() === expected;
};

const ipAddress: Compile = (value) => {
  const [address = "", length] = value.split("/");
  const family = isIP(address);
  if (family === 0) throw new Error(`compares with ${value}: expected an IP address or a range such as 203.0.113.0/24`);
  const range = new BlockList();
  range.addSubnet(address, Number(length ?? (family === 4 ? 32 : 128)), family === 4 ? "ipv4" : "ipv6");
  return (text) => range.check(text, isIP(text) === 6 ? "ipv6" : "ipv4");
};

const comparisons = {
  Equals: (actual: number, expected: number) => actual === expected,
  LessThan: (actual: number, expected: number) => actual < expected,
  LessThanEquals: (actual: number, expected: number) => actual <= expected,
  GreaterThan: (actual: number, expected: number) => actual > expected,
  GreaterThanEquals: (actual: number, expected: number) => actual >= expected,
};

/** The operators by name, but for Null. IAM user guide, "IAM JSON policy elements: Condition operators" */
export const conditionOperators: ReadonlyMap<string, ConditionOperator> = new Map([
  ...both("StringEquals", "StringNotEquals", stringEquals),
  ...both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", stringEqualsIgnoreCase),
  ...both("StringLike", "StringNotLike", stringLike),
  ...both("ArnEquals", "ArnNotEquals", arnLike),
  ...both("ArnLike", "ArnNotLike", arnLike),
  ...both("NumericEquals", "NumericNotEquals", numeric(comparisons.Equals)),
  ...both("DateEquals", "DateNotEquals", date(comparisons.Equals)),
  ...both("IpAddress", "NotIpAddress", ipAddress),
  ["Bool", { negated: false, compile: bool }],
  ["BinaryEquals", { negated: false, compile: stringEquals }],
  ...Object.entries(comparisons).flatMap(([name, holds]): [string, ConditionOperator][] =>
    name === "Equals"
      ? []
      : [
          [`Numeric${name}`, { negated: false, compile: numeric(holds) }],
          [`Date${name}`, { negated: false, compile: date(holds) }],
        ],
  ),
]);

function both(name: string, opposite: string, compile: Compile): [string, ConditionOperator][] {
  return [
    [name, { negated: false, compile }],
    [opposite, { negated: true, compile }],
  ];
}
