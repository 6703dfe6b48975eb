import { isRecord } from "./json.ts";
import { isInRange } from "./numeric-range.ts";

/**
 * Whether an event matches a filter pattern, by the rules of event filtering: every field of the pattern must match, and of the
 * alternatives listed for a field, one. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export function matchesPattern(pattern: Readonly<Record<string, unknown>>, event: unknown): boolean {
  return Object.entries(pattern).every(([name, expected]) => {
    if (name === "$or") return Array.isArray(expected) && expected.filter(isRecord).some((part) => matchesPattern(part, event));
    const value = isRecord(event) ? event[name] : undefined;
    if (isRecord(expected)) return matchesPattern(expected, value);
    return Array.isArray(expected) && matchesOne(expected, value);
  });
}

/**
 * Checks a pattern as Lambda does when a mapping is created.
 *
 * @returns what is wrong with it, and where; undefined where nothing is.
 */
export function faultOf(pattern: unknown, path = "the pattern"): string | undefined {
  if (!isRecord(pattern)) return `${path} is ${JSON.stringify(pattern)}: expected an object`;
  for (const [name, expected] of Object.entries(pattern)) {
    const below = `${path}.${name}`;
    const fault = Array.isArray(expected)
      ? expected
          .map((it: unknown) => (name === "$or" ? faultOf(it, below) : faultOfRule(it, below)))
          .find((it) => it !== undefined)
      : isRecord(expected)
        ? faultOf(expected, below)
        : `${below} is ${JSON.stringify(expected)}: expected a list of alternatives`;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

type Rule = (expected: unknown, value: unknown) => boolean;

const RULES: Readonly<Record<string, Rule>> = {
  exists: (expected, value) => (value !== undefined && !isRecord(value)) === expected,
  prefix: (expected, value) => typeof value === "string" && begins(expected, value),
  suffix: (expected, value) => typeof value === "string" && ends(expected, value),
  "equals-ignore-case": (expected, value) => typeof value === "string" && lower(value) === lower(expected),
  numeric: (expected, value) => typeof value === "number" && Array.isArray(expected) && isInRange(value, expected),
  "anything-but": anythingBut,
};

function matchesOne(alternatives: readonly unknown[], value: unknown): boolean {
  // Of a list in the event, one member has to match.
  const values = Array.isArray(value) && value.length > 0 ? value : [value];
  return values.some((it: unknown) => alternatives.some((alternative) => matchesAlternative(alternative, it)));
}

function matchesAlternative(alternative: unknown, value: unknown): boolean {
  if (!isRecord(alternative)) return alternative === value;
  return Object.entries(alternative).every(([name, expected]) => RULES[name]?.(expected, value) ?? false);
}

/** A field that is not there matches nothing, not even this. */
function anythingBut(expected: unknown, value: unknown): boolean {
  if (value === undefined || isRecord(value)) return false;
  if (isRecord(expected)) return !matchesAlternative(expected, value);
  return !(Array.isArray(expected) ? expected : [expected]).includes(value);
}

function begins(expected: unknown, value: string): boolean {
  if (isRecord(expected)) return lower(value).startsWith(lower(expected["equals-ignore-case"]));
  return value.startsWith(String(expected));
}

function ends(expected: unknown, value: string): boolean {
  if (isRecord(expected)) return lower(value).endsWith(lower(expected["equals-ignore-case"]));
  return value.endsWith(String(expected));
}

function faultOfRule(rule: unknown, path: string): string | undefined {
  if (!isRecord(rule)) return Array.isArray(rule) ? `${path} has a list within a list: expected a value or a rule` : undefined;
  const unknown = Object.keys(rule).find((name) => !(name in RULES));
  if (unknown === undefined) return undefined;
  return `${path} has the rule ${unknown}: expected one of ${Object.keys(RULES).join(", ")}`;
}

function lower(value: unknown): string {
  return String(value).toLowerCase();
}
