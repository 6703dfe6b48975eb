import { BlockList, isIP } from "node:net";
import { compilePattern, partsBetweenColons, type Pattern, type PatternRules } from "./pattern.ts";

/** A way to compare a call's value with a policy's. */
export interface ConditionOperator {
  /** It holds where no value of the policy fits. */
  readonly negated: boolean;
  /** Prepares one value of the policy. @throws Error that says what was expected */
  compile(value: string, rules: PatternRules): Pattern;
}

type Compile = ConditionOperator["compile"];

const stringEquals: Compile = (value, rules) => compilePattern(value, { ...rules, wildcards: false });
const equalsIgnoreCase: Compile = (value, rules) => compilePattern(value, { ...rules, wildcards: false, ignoreCase: true });
const stringLike: Compile = (value, rules) => compilePattern(value, rules);

/** Each of an ARN's six parts is compared alone. IAM user guide, "Amazon Resource Name (ARN) condition operators" */
const arnLike: Compile = (value, rules) => {
  const patterns = arnParts(partsBetweenColons(value)).map((part) => compilePattern(part, rules));
  return (text, context) => {
    const parts = arnParts(text.split(":"));
    return parts.length === patterns.length && patterns.every((pattern, index) => pattern(parts[index] ?? "", context));
  };
};

/** The sixth part of an ARN may have colons. */
function arnParts(parts: readonly string[]): string[] {
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(":")] : [])];
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** NaN, to which nothing compares, for a text that is not a number. */
function numberIn(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

function numeric(holds: (actual: number, expected: number) => boolean): Compile {
  return (value) => {
    const expected = numberIn(value);
    if (Number.isNaN(expected)) throw new Error(`compares with ${value}: expected a number`);
    return (text) => holds(numberIn(text), expected);
  };
}

function date(holds: (actual: number, expected: number) => boolean): Compile {
  return (value) => {
    const expected = epochMilliseconds(value);
    if (Number.isNaN(expected)) throw new Error(`compares with ${value}: expected a date as ISO 8601 or in epoch seconds`);
    return (text) => holds(epochMilliseconds(text), expected);
  };
}

const DAY = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i;

/** Of a date in one of the W3C's forms of ISO 8601 (one without a zone is UTC), or in epoch seconds; NaN for any other text. */
function epochMilliseconds(value: string): number {
  // Four digits are a year.
  if (/^-?\d+$/.test(value) && !DAY.test(value)) return Number(value) * 1_000;
  const time = TIME.exec(value);
  if (time) return Date.parse(time[1] === undefined ? `${value}Z` : value);
  return DAY.test(value) ? Date.parse(value) : Number.NaN;
}

/** Base64 on both sides: the bytes are compared. No variables stand in it. */
const binaryEquals: Compile = (value) => {
  const expected = Buffer.from(value, "base64");
  return (text) => Buffer.from(text, "base64").equals(expected);
};

const ipAddress: Compile = (value) => {
  const [address = "", length, ...rest] = value.split("/");
  const family = isIP(address);
  const bits = length === undefined ? (family === 6 ? 128 : 32) : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(bits <= (family === 6 ? 128 : 32)))
    throw new Error(`compares with ${value}: expected an IP address or a range such as 203.0.113.0/24`);
  const range = new BlockList();
  range.addSubnet(address, bits, family === 6 ? "ipv6" : "ipv4");
  return (text) => isIP(text) === family && range.check(text, family === 6 ? "ipv6" : "ipv4");
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
  ...both("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", equalsIgnoreCase),
  ...both("StringLike", "StringNotLike", stringLike),
  ...both("ArnEquals", "ArnNotEquals", arnLike),
  ...both("ArnLike", "ArnNotLike", arnLike),
  ...both("NumericEquals", "NumericNotEquals", numeric(comparisons.Equals)),
  ...both("DateEquals", "DateNotEquals", date(comparisons.Equals)),
  ...both("IpAddress", "NotIpAddress", ipAddress),
  ["Bool", { negated: false, compile: equalsIgnoreCase }],
  ["BinaryEquals", { negated: false, compile: binaryEquals }],
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
