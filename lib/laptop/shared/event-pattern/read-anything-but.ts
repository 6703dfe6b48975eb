import type { Scalar, ValueTest } from "./condition.ts";
import type { Dialect } from "./dialect.ts";
import { InvalidPattern } from "./invalid-pattern.ts";
import type { JsonTokens } from "./json-tokens.ts";
import { wildcard } from "./wildcard.ts";

const ONE_KEY = "Only one key allowed in match expression";
const OPERANDS = "Value of anything-but must be an array or single string/number value.";
const TOO_MANY = "Too many elements in numeric expression";

type TextTest = (text: string) => boolean;

/** Reads the operand of `anything-but`: a value, several, or an object with an operator. @throws InvalidPattern as AWS words it */
export function readAnythingBut(tokens: JsonTokens, dialect: Dialect): ValueTest {
  const excludes = tokens.next() === "{" ? readOperator(tokens, dialect) : readValues(tokens);
  return { operator: "anything-but", holds: (value) => !excludes(value) };
}

/** `"anything-but": "paid"` or `"anything-but": ["paid", "lost"]`: texts or numbers, and not both. */
function readValues(tokens: JsonTokens): (value: Scalar) => boolean {
  const { kind } = tokens.current;
  if (kind === "string" || kind === "number") {
    const excluded = kind === "string" ? tokens.readText() : Number(tokens.current.text);
    if (tokens.next() !== "}") throw tokens.refuse(TOO_MANY);
    return (value) => value === excluded;
  }
  if (kind !== "[") throw tokens.refuse(OPERANDS);
  const excluded = new Set<Scalar>();
  const kinds = new Set<string>();
  for (let element = tokens.next(); element !== "]"; element = tokens.next()) {
    if (element !== "string" && element !== "number")
      throw twice(tokens, "Inside anything but list, start|null|boolean is not supported.");
    kinds.add(element);
    excluded.add(element === "string" ? tokens.readText() : Number(tokens.current.text));
  }
  if (kinds.size !== 1)
    throw tokens.refuse("Inside anything but list, either all values are number or string, mixed type is not supported");
  if (tokens.next() !== "}") throw tokens.refuse(TOO_MANY);
  return (value) => excluded.has(value);
}

/** `"anything-but": {"prefix": "order-"}`, after the opening brace. */
function readOperator(tokens: JsonTokens, dialect: Dialect): (value: Scalar) => boolean {
  if (tokens.next() !== "name") throw tokens.refuse("Anything-But expression name not found");
  const operator = tokens.current.text;
  if (!dialect.anythingBut.includes(operator)) throw tokens.refuse(`Unsupported anything-but pattern: ${operator}`);
  const typeFault = typeFaultOf(operator, dialect);
  const operands: string[] = [];
  const kind = tokens.next();
  if (kind === "string") operands.push(readOperand(tokens, operator));
  else if (kind === "[") {
    for (let element = tokens.next(); element !== "]"; element = tokens.next()) {
      if (element !== "string") throw twice(tokens, typeFault);
      operands.push(readOperand(tokens, operator));
    }
  } else throw tokens.refuse(kind === "{" ? OPERANDS : typeFault);
  for (let closing = 0; closing < 2; closing++) if (tokens.next() !== "}") throw tokens.refuse(ONE_KEY);
  const tests = operands.map((operand) => testOf(operator, operand, tokens));
  return (value) => typeof value === "string" && tests.some((test) => test(value));
}

function readOperand(tokens: JsonTokens, operator: string): string {
  const operand = tokens.readText();
  if (operand === "" && (operator === "prefix" || operator === "suffix")) throw tokens.refuse("Null prefix/suffix not allowed");
  return operand;
}

function testOf(operator: string, operand: string, tokens: JsonTokens): TextTest {
  switch (operator) {
    case "prefix":
      return (text) => text.startsWith(operand);
    case "suffix":
      return (text) => text.endsWith(operand);
    case "wildcard":
      return compileWildcard(operand, tokens);
    default: {
      const lower = operand.toLowerCase();
      return (text) => text.toLowerCase() === lower;
    }
  }
}

function compileWildcard(operand: string, tokens: JsonTokens): TextTest {
  try {
    return wildcard(operand);
  } catch (thrown) {
    if (thrown instanceof InvalidPattern && !thrown.message.startsWith("Rule ")) throw tokens.refuse(thrown.message);
    throw thrown;
  }
}

function typeFaultOf(operator: string, { anythingBut }: Dialect): string {
  switch (operator) {
    case "prefix":
    case "suffix":
      return `${anythingBut.includes("suffix") ? "prefix/suffix" : operator} match pattern must be a string`;
    case "wildcard":
      return "wildcard match pattern must be a string";
    default:
      return "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
  }
}

/** AWS catches what is wrong within a list and says again where, so that its message has the place twice. */
function twice(tokens: JsonTokens, reason: string): InvalidPattern {
  return tokens.refuse(tokens.refuse(reason).message);
}
