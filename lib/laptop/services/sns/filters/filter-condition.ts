import { BlockList, isIP } from "node:net";
import { isRecord } from "../../../shared/json.ts";
import { isInRange } from "../../../shared/numeric-range.ts";

/** A value that a filter policy can look at. */
export type Scalar = string | number | boolean | null;

type Operator = (value: Scalar, operand: unknown) => boolean;

/** The operators that look at one value. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: (value, operand) => isText(value, operand) && value.startsWith(String(operand)),
  suffix: (value, operand) => isText(value, operand) && value.endsWith(String(operand)),
  "equals-ignore-case": (value, operand) => isText(value, operand) && value.toLowerCase() === String(operand).toLowerCase(),
  "anything-but": (value, operand) => value !== null && !isExcluded(value, operand),
  numeric: (value, operand) => typeof value === "number" && Array.isArray(operand) && isInRange(value, operand),
  cidr: (value, operand) => typeof value === "string" && typeof operand === "string" && isInSubnet(value, operand),
};

/** Whether a name is an operator's, and so cannot be a property's in `$or`. */
export function isReserved(name: string): boolean {
  return name === "exists" || name in OPERATORS;
}

/**
 * Whether one of a property's values meets a condition of a filter policy. No value meets none but `exists: false`, which wants the
 * message to have some other property (`anyProperty`).
 *
 * Source: https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html, numeric-value-matching, attribute-key-matching
 */
export function meets(condition: unknown, values: readonly Scalar[], anyProperty: boolean): boolean {
  if (!isRecord(condition)) return values.some((value) => value === condition);
  const [[name, operand] = ["", undefined]] = Object.entries(condition);
  if (name === "exists") return operand === true ? values.some(isFilled) : values.length === 0 && anyProperty;
  const operator = OPERATORS[name];
  return operator !== undefined && values.some((value) => operator(value, operand));
}

function isFilled(value: Scalar): boolean {
  return value !== null && value !== "";
}

function isText(value: Scalar, operand: unknown): value is string {
  return typeof value === "string" && typeof operand === "string";
}

/** What anything-but keeps out: one value, several, or those with a prefix or the like. */
function isExcluded(value: Scalar, operand: unknown): boolean {
  if (Array.isArray(operand)) return operand.includes(value);
  if (!isRecord(operand)) return operand === value;
  return Object.entries(operand).some(([name, inner]) => OPERATORS[name]?.(value, inner) ?? false);
}

function isInSubnet(address: string, subnet: string): boolean {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const [network = "", bits = family === "ipv6" ? "128" : "32"] = subnet.split("/");
  if (isIP(address) === 0 || isIP(network) !== isIP(address)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
