import type { JsonTokens } from "./json-tokens.ts";

type Test = (value: number) => boolean;

/** Reads the comparisons of `numeric`, after their opening bracket. @throws InvalidPattern as AWS words it */
export function readNumeric(tokens: JsonTokens): Test {
  if (tokens.next() !== "string") throw tokens.refuse(`Invalid member in numeric match: ${tokens.current.text}`);
  const operator = tokens.readText();
  const kind = tokens.next();
  if (!isComparison(operator)) throw tokens.refuse(`Unrecognized numeric range operator: ${operator}`);
  if (kind !== "number") throw tokens.refuse(`Value of ${operator === "=" ? "equals" : operator} must be numeric`);
  const limit = Number(tokens.current.text);
  const first = COMPARISONS[operator](limit);
  if (tokens.next() === "]") return first;
  if (operator !== ">" && operator !== ">=") throw tokens.refuse("Too many elements in numeric expression");
  return readTop(tokens, first, limit);
}

type Comparison = "=" | "<" | "<=" | ">" | ">=";

const COMPARISONS: Readonly<Record<Comparison, (limit: number) => Test>> = {
  "=": (limit) => (value) => value === limit,
  "<": (limit) => (value) => value < limit,
  "<=": (limit) => (value) => value <= limit,
  ">": (limit) => (value) => value > limit,
  ">=": (limit) => (value) => value >= limit,
};

function isComparison(operator: string): operator is Comparison {
  return Object.hasOwn(COMPARISONS, operator);
}

/** The upper end of a range, whose operator is the current token. */
function readTop(tokens: JsonTokens, aboveBottom: Test, bottom: number): Test {
  if (tokens.current.kind !== "string") throw tokens.refuse(`Bad value in numeric range: ${tokens.current.text}`);
  const operator = tokens.readText();
  if (operator !== "<" && operator !== "<=") throw tokens.refuse(`Bad numeric range operator: ${operator}`);
  if (tokens.next() !== "number") throw tokens.refuse(`Value of ${operator} must be numeric`);
  const top = Number(tokens.current.text);
  if (tokens.next() !== "]") throw tokens.refuse("Too many terms in numeric range expression");
  if (bottom >= top) throw tokens.refuse("Bottom must be less than top");
  const belowTop = COMPARISONS[operator](top);
  return (value) => aboveBottom(value) && belowTop(value);
}
