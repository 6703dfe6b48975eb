import { cidr } from "./cidr.ts";
import type { Alternatives, Scalar, ValueTest } from "./condition.ts";
import type { Dialect } from "./dialect.ts";
import { InvalidPattern } from "./invalid-pattern.ts";
import type { JsonTokens } from "./json-tokens.ts";
import { readNumeric } from "./numeric.ts";
import { readAnythingBut } from "./read-anything-but.ts";
import { wildcard } from "./wildcard.ts";

const ONE_KEY = "Only one key allowed in match expression";

/** Reads the alternatives of a field, after their opening bracket. @throws InvalidPattern as AWS words it */
export function readAlternatives(tokens: JsonTokens, dialect: Dialect): Alternatives {
  const exact = new Set<Scalar>();
  const tests: ValueTest[] = [];
  let present = false;
  let absent = false;
  let count = 0;
  for (let kind = tokens.next(); kind !== "]"; kind = tokens.next()) {
    count++;
    if (kind === "{") {
      const expression = readExpression(tokens, dialect);
      if (expression === "present") present = true;
      else if (expression === "absent") absent = true;
      else tests.push(expression);
    } else exact.add(readScalar(tokens));
  }
  if (count === 0) throw tokens.refuse("Empty arrays are not allowed");
  return { exact, tests, present, absent, count };
}

function readScalar(tokens: JsonTokens): Scalar {
  switch (tokens.current.kind) {
    case "string":
      return tokens.readText();
    case "number":
      return Number(tokens.current.text);
    case "true":
      return true;
    case "false":
      return false;
    case "null":
      return null;
    default:
      throw tokens.refuse("Match value must be String, number, true, false, or null");
  }
}

/** Reads `{"prefix": "order-"}` and the like, after the opening brace. */
function readExpression(tokens: JsonTokens, dialect: Dialect): ValueTest | "present" | "absent" {
  if (tokens.next() !== "name") throw tokens.refuse("Match expression name not found");
  const operator = tokens.current.text;
  switch (operator) {
    case "exists":
      return readExists(tokens);
    case "numeric":
      return readRange(tokens);
    case "anything-but":
      return readAnythingBut(tokens, dialect);
    case "prefix":
    case "suffix":
      return readAffix(tokens, operator);
    case "equals-ignore-case": {
      const expected = readOperand(tokens, operator).toLowerCase();
      return ofText(operator, (text) => text.toLowerCase() === expected);
    }
    case "cidr":
      // AWS's own message names prefix here.
      return readTextTest(tokens, operator, "prefix", cidr);
    case "wildcard":
      if (dialect.wildcards) return readTextTest(tokens, operator, operator, wildcard);
      break;
  }
  throw tokens.refuse(`Unrecognized match type ${operator}`);
}

function readExists(tokens: JsonTokens): "present" | "absent" {
  const kind = tokens.next();
  if (kind !== "true" && kind !== "false") throw tokens.refuse("exists match pattern must be either true or false.");
  if (tokens.next() !== "}") throw tokens.refuse(ONE_KEY);
  return kind === "true" ? "present" : "absent";
}

function readRange(tokens: JsonTokens): ValueTest {
  if (tokens.next() !== "[") throw tokens.refuse("Value of numeric must be an array.");
  const isInRange = readNumeric(tokens);
  if (tokens.next() !== "}") throw tokens.refuse("Too many elements in numeric expression");
  return { operator: "numeric", holds: (value) => typeof value === "number" && isInRange(value) };
}

/** Prefix and suffix, whose operand may also be `{"equals-ignore-case": "order-"}`. */
function readAffix(tokens: JsonTokens, operator: "prefix" | "suffix"): ValueTest {
  const kind = tokens.next();
  const ignoresCase = kind === "{" && tokens.next() === "name" && tokens.current.text === "equals-ignore-case";
  if (ignoresCase) tokens.next();
  if (tokens.current.kind !== "string") throw tokens.refuse(`${operator} match pattern must be a string`);
  const operand = tokens.readText();
  if (ignoresCase && tokens.next() !== "}") throw tokens.refuse(ONE_KEY);
  if (tokens.next() !== "}") throw tokens.refuse(ONE_KEY);
  return ofText(operator, ignoresCase ? ignoringCase(operator, operand) : affix(operator, operand));
}

export function affix(operator: "prefix" | "suffix", operand: string): (text: string) => boolean {
  return operator === "prefix" ? (text) => text.startsWith(operand) : (text) => text.endsWith(operand);
}

function ignoringCase(operator: "prefix" | "suffix", operand: string): (text: string) => boolean {
  const holds = affix(operator, operand.toLowerCase());
  return (text) => holds(text.toLowerCase());
}

/** An operator whose operand is checked once its object has ended. */
function readTextTest(
  tokens: JsonTokens,
  operator: string,
  nameInError: string,
  compile: (operand: string) => (text: string) => boolean,
): ValueTest {
  if (tokens.next() !== "string") throw tokens.refuse(`${nameInError} match pattern must be a string`);
  const operand = tokens.readText();
  const holds = operator === "wildcard" ? located(tokens, () => compile(operand)) : compile(operand);
  if (tokens.next() !== "}") throw tokens.refuse(ONE_KEY);
  return ofText(operator, holds);
}

/** Adds to a refusal where the pattern stands; that of a rule as a whole has no place. */
function located<Result>(tokens: JsonTokens, compile: () => Result): Result {
  try {
    return compile();
  } catch (thrown) {
    if (thrown instanceof InvalidPattern && !thrown.message.startsWith("Rule ")) throw tokens.refuse(thrown.message);
    throw thrown;
  }
}

function readOperand(tokens: JsonTokens, operator: string): string {
  if (tokens.next() !== "string") throw tokens.refuse(`${operator} match pattern must be a string`);
  const operand = tokens.readText();
  if (tokens.next() !== "}") throw tokens.refuse(ONE_KEY);
  return operand;
}

function ofText(operator: string, holds: (text: string) => boolean): ValueTest {
  return { operator, holds: (value) => typeof value === "string" && holds(value) };
}
