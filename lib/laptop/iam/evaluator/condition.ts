import { isRecord } from "../../shared/json.ts";
import { conditionOperators } from "./condition-operators.ts";
import type { Context } from "./context.ts";
import type { PatternRules } from "./pattern.ts";

/** A Condition element, ready to be held against calls. */
export interface Condition {
  holds(context: Context): boolean;
  /** The keys that it asks for, in lower case. */
  readonly keys: readonly string[];
}

type Test = (context: Context) => boolean;

/** `ForAnyValue:StringLikeIfExists` in its parts. */
const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/;

/**
 * Reads a Condition element. All its operators must hold, and of each operator all its keys.
 *
 * @throws Error that says what was expected, for an operator that IAM does not have
 */
export function parseCondition(element: unknown, rules: PatternRules): Condition {
  if (element === undefined) return { holds: () => true, keys: [] };
  if (!isRecord(element)) throw new Error(`has the Condition ${JSON.stringify(element)}: expected an object`);
  const tests: Test[] = [];
  const keys: string[] = [];
  for (const [operator, wanted] of Object.entries(element)) {
    if (!isRecord(wanted)) throw new Error(`has ${operator} without keys: expected an object`);
    for (const [key, value] of Object.entries(wanted)) {
      keys.push(key.toLowerCase());
      tests.push(compile(operator, key.toLowerCase(), values(value), rules));
    }
  }
  return { holds: (context) => tests.every((test) => test(context)), keys };
}

function compile(operator: string, key: string, expected: readonly string[], rules: PatternRules): Test {
  const [, quantifier, name = "", ifExists] = OPERATOR.exec(operator) ?? [];
  const { whenUnknown = false } = rules;
  if (name === "Null" && ifExists === undefined) {
    const absent = new Set(expected.map((value) => value.toLowerCase()));
    return (context) => {
      const actual = context(key);
      return actual === undefined ? whenUnknown : absent.has(String(actual.length === 0));
    };
  }
  const known = conditionOperators.get(name);
  if (!known) {
    const all = ["Null", ...conditionOperators.keys()].toSorted().join(", ");
    throw new Error(`has the condition operator ${operator}, which IAM does not have: expected one of ${all}`);
  }
  const { negated } = known;
  // A variable without a value is equal to nothing; that alone does not allow.
  const valueRules = { ...rules, whenUnknown: whenUnknown !== negated, whenAbsent: negated && !whenUnknown };
  const patterns = expected.map((value) => known.compile(value, valueRules));
  const fits = (value: string, context: Context) => patterns.some((pattern) => pattern(value, context)) !== negated;
  const whenAbsent = ifExists !== undefined || quantifier === "ForAllValues" || (quantifier === undefined && negated);
  const all = quantifier === "ForAllValues" || (quantifier === undefined && negated);
  return (context) => {
    const actual = context(key);
    if (actual === undefined) return whenUnknown;
    if (actual.length === 0) return whenAbsent;
    return all ? actual.every((value) => fits(value, context)) : actual.some((value) => fits(value, context));
  };
}

function values(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (typeof entry === "string" || typeof entry === "number" || typeof entry === "boolean") return String(entry);
    throw new Error(`has the condition value ${JSON.stringify(entry)}: expected a text`);
  });
}
