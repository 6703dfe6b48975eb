import { isKeyword, isSymbol, type Token } from "./tokens.ts";

/** An attribute that must equal one of some values. */
export interface KeyCondition {
  readonly attribute: string;
  /** Literals as text; `parameter` is the position of a question mark in the statement. */
  readonly values: readonly (string | { readonly parameter: number })[];
}

/** What is not the name of an attribute, where it stands without quotes. */
const KEYWORDS =
  "ALL AND AS ASC BEGINS_WITH BETWEEN BY CONTAINS DELETE DESC EXISTS FALSE IN INSERT IS MISSING MODIFIED NEW NOT NULL OLD OR ORDER REMOVE RETURNING SELECT SET SIZE TRUE UPDATE VALUE WHERE".split(
    " ",
  );

/** Names of the attributes at the top of the paths among some tokens: those of `VALUE {'pk': …}` too. */
export function attributesOf(tokens: readonly Token[]): string[] {
  let depth = 0;
  return tokens.flatMap((token, index) => {
    const [previous, next] = [tokens[index - 1], tokens[index + 1]];
    if (isSymbol(token, "{")) depth += 1;
    if (isSymbol(token, "}")) depth -= 1;
    if (token.kind === "text") return depth === 1 && isSymbol(next, ":") ? [token.value] : [];
    const isName = token.kind === "name" || (token.kind === "word" && !isKeyword(token, ...KEYWORDS));
    // What follows a dot is inside an attribute, and what stands before a parenthesis is a function.
    return isName && !isSymbol(previous, ".") && !isSymbol(next, "(") ? [token.value] : [];
  });
}

/** The equalities of a WHERE clause; none without one, and undefined where it has alternatives or negations. */
export function conditionsOf(tokens: readonly Token[]): KeyCondition[] | undefined {
  const start = tokens.findIndex((token) => isKeyword(token, "WHERE"));
  if (start < 0) return [];
  const end = tokens.findIndex((token, index) => index > start && isKeyword(token, "ORDER", "RETURNING"));
  const clause = tokens.slice(start + 1, end < 0 ? undefined : end);
  if (clause.some((token) => isKeyword(token, "OR", "NOT"))) return undefined;
  const parameters = parametersOf(tokens);
  return terms(clause).flatMap((term) => conditionOf(term, parameters) ?? []);
}

/** The members of the item that is inserted, as far as their values are scalars: `{'pk': 'a', 'sk': ?}`. */
export function membersOf(tokens: readonly Token[]): KeyCondition[] {
  const parameters = parametersOf(tokens);
  let depth = 0;
  return tokens.flatMap((token, index) => {
    if (isSymbol(token, "{")) depth += 1;
    if (isSymbol(token, "}")) depth -= 1;
    const value = valueOf(tokens[index + 2], parameters);
    // The engine takes names of members without quotes as well, and of two the later one.
    const isMember = depth === 1 && token.kind !== "symbol" && isSymbol(tokens[index + 1], ":");
    return isMember && value !== undefined ? [{ attribute: token.value, values: [value] }] : [];
  });
}

/** What stands between the ANDs, without parentheses around it. */
function terms(clause: readonly Token[]): Token[][] {
  const split: Token[][] = [[]];
  // `pk BETWEEN 'a' AND 'z'`: this AND joins two bounds and not two conditions.
  let bounds = 0;
  for (const token of clause) {
    if (isKeyword(token, "BETWEEN")) bounds += 1;
    if (isKeyword(token, "AND") && bounds === 0) split.push([]);
    else split.at(-1)?.push(token);
    if (isKeyword(token, "AND") && bounds > 0) bounds -= 1;
  }
  return split.map((term) => (isSymbol(term[0], "(") && isSymbol(term.at(-1), ")") ? term.slice(1, -1) : term));
}

/** `pk = 'a'`, `'a' = pk`, `pk IN ('a', ?)`. */
function conditionOf(term: readonly Token[], parameters: Parameters): KeyCondition | undefined {
  const [left, operator, right] = term;
  if (term.length === 3 && isSymbol(operator, "=")) {
    const after = valueOf(right, parameters);
    const [name, value] = after === undefined ? [right, valueOf(left, parameters)] : [left, after];
    return isName(name) && value !== undefined ? { attribute: name.value, values: [value] } : undefined;
  }
  if (!isName(left) || !isKeyword(operator, "IN")) return undefined;
  const listed = term.slice(3, -1).filter((token) => !isSymbol(token, ","));
  const values = listed.map((token) => valueOf(token, parameters)).filter((value) => value !== undefined);
  return values.length === listed.length ? { attribute: left.value, values } : undefined;
}

/** The position of each question mark in a statement. */
type Parameters = ReadonlyMap<Token, number>;

function parametersOf(tokens: readonly Token[]): Parameters {
  return new Map(tokens.filter((token) => isSymbol(token, "?")).map((token, index) => [token, index]));
}

function valueOf(token: Token | undefined, parameters: Parameters): KeyCondition["values"][number] | undefined {
  if (token?.kind === "text" || token?.kind === "number") return token.value;
  const parameter = token && parameters.get(token);
  return parameter === undefined ? undefined : { parameter };
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === "name" || (token?.kind === "word" && !isKeyword(token, ...KEYWORDS));
}
