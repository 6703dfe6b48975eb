import { isKeyword, isSymbol, type Token, tokensOf } from "./tokens.ts";
import { attributesOf, conditionsOf, type KeyCondition, membersOf } from "./conditions.ts";

/** What a statement, or a query inside it, does to one table. Developer guide, "PartiQL statements" */
export interface Touch {
  readonly verb: "Select" | "Insert" | "Update" | "Delete";
  readonly table: string;
  readonly index: string | undefined;
  /** Names of the top-level attributes in it; a `*` is not one of them. */
  readonly attributes: readonly string[];
  /** Whether it selects all attributes. */
  readonly all: boolean;
  /** What it asks of single attributes; undefined where its condition is not a plain conjunction. */
  readonly conditions: readonly KeyCondition[] | undefined;
  /** `ALL_OLD`, of `RETURNING ALL OLD *`. */
  readonly returning: string | undefined;
}

/** The longest statement, in characters (API reference, ExecuteStatement). */
const LONGEST = 8_192;

/** Names that tables and indexes can have (API reference, CreateTable). */
const NAME = /^[\w.-]{1,255}$/;

/** Words that end the names of a FROM clause, and that are not names themselves without quotes. */
const KEYWORDS = [
  "FROM",
  "INTO",
  "VALUE",
  "SET",
  "REMOVE",
  "WHERE",
  "ORDER",
  "RETURNING",
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
];

/**
 * Every table and index that a statement touches, with what it does there; undefined for a statement that cannot be read, of which
 * nothing may be assumed.
 */
export function touchesOf(statement: string): Touch[] | undefined {
  const tokens = statement.length > LONGEST ? undefined : tokensOf(statement);
  const touches = tokens && new Reader(tokens).read();
  return touches?.length === 0 ? undefined : touches;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #touches: Touch[] = [];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): Touch[] | undefined {
    const parts = withoutQueries(this.#tokens);
    if (parts === undefined) return undefined;
    // `EXISTS(SELECT …)` in a transaction has nothing but its query.
    const [whole = [], ...queries] = parts;
    const isExists = isKeyword(whole[0], "EXISTS") && whole.length === 3;
    return (isExists || this.#statement(whole)) && queries.every((query) => this.#statement(query)) ? this.#touches : undefined;
  }

  /** One verb with one FROM clause. Whether it could be read. */
  #statement(tokens: readonly Token[]): boolean {
    const [first, second] = tokens;
    if (isKeyword(first, "SELECT")) return this.#select(tokens);
    if (isKeyword(first, "INSERT") && isKeyword(second, "INTO")) return this.#of("Insert", tokens, 2);
    if (isKeyword(first, "UPDATE")) return this.#of("Update", tokens, 1);
    return isKeyword(first, "DELETE") && isKeyword(second, "FROM") && this.#of("Delete", tokens, 2);
  }

  #select(tokens: readonly Token[]): boolean {
    const from = tokens.findIndex((token, index) => isKeyword(token, "FROM") && !isSymbol(tokens[index - 1], "."));
    const projection = tokens.slice(1, from);
    // DynamoDB selects attributes alone; a literal here could hide another FROM.
    if (from < 2 || projection.some(({ kind }) => kind === "text")) return false;
    return this.#of("Select", tokens, from + 1, projection);
  }

  #of(verb: Touch["verb"], tokens: readonly Token[], start: number, projection: readonly Token[] = []): boolean {
    const target = targetAt(tokens, start);
    if (target === undefined) return false;
    const rest = tokens.slice(target.end);
    // A second FROM, or a join, is nothing that DynamoDB has.
    if (rest.some((token, index) => isKeyword(token, "FROM", "INTO", "JOIN") && !isSymbol(rest[index - 1], "."))) return false;
    if (isSymbol(rest[0], ",")) return false;
    this.#touches.push({
      verb,
      table: target.table,
      index: target.index,
      attributes: [...attributesOf(projection), ...attributesOf(rest)],
      all: projection.some((token) => isSymbol(token, "*")),
      conditions: verb === "Insert" ? membersOf(rest) : conditionsOf(rest),
      returning: returningOf(rest),
    });
    return true;
  }
}

/**
 * Splits a statement into itself and the queries in it, each of which stands in parentheses of its own and leaves them empty.
 * Undefined where parentheses do not match.
 */
function withoutQueries(tokens: readonly Token[]): Token[][] | undefined {
  const open: Token[][] = [[]];
  const queries: Token[][] = [];
  for (const token of tokens) {
    const current = open.at(-1) ?? [];
    if (isSymbol(token, "(")) {
      current.push(token);
      open.push([]);
    } else if (isSymbol(token, ")")) {
      open.pop();
      const outer = open.at(-1);
      if (outer === undefined) return undefined;
      if (isKeyword(current[0], "SELECT")) queries.push(current);
      else outer.push(...current);
      outer.push(token);
    } else current.push(token);
  }
  const [whole] = open;
  return open.length === 1 && whole !== undefined ? [whole, ...queries] : undefined;
}

/** `"table"."index"`, the index being optional. */
function targetAt(tokens: readonly Token[], start: number) {
  const table = nameOf(tokens[start]);
  if (table === undefined) return undefined;
  if (!isSymbol(tokens[start + 1], ".")) return { table, index: undefined, end: start + 1 };
  const index = nameOf(tokens[start + 2]);
  return index === undefined || isSymbol(tokens[start + 3], ".") ? undefined : { table, index, end: start + 3 };
}

function nameOf(token: Token | undefined): string | undefined {
  if (token === undefined || isKeyword(token, ...KEYWORDS)) return undefined;
  return (token.kind === "word" || token.kind === "name") && NAME.test(token.value) ? token.value : undefined;
}

/** `RETURNING ALL OLD *`, `RETURNING MODIFIED NEW *`: as ReturnValues has it. */
function returningOf(tokens: readonly Token[]): string | undefined {
  const start = tokens.findIndex((token) => isKeyword(token, "RETURNING"));
  const [scope, image] = tokens.slice(start + 1);
  if (start < 0 || scope === undefined || image === undefined) return undefined;
  return `${isKeyword(scope, "ALL") ? "ALL" : "UPDATED"}_${image.value.toUpperCase()}`;
}
