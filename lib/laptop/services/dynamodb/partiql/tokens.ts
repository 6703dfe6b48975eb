/** A word or a name in double quotes, a text in single quotes, a number, or a symbol of one character. */
export interface Token {
  readonly kind: "word" | "name" | "text" | "number" | "symbol";
  /** Without its quotes. */
  readonly value: string;
}

/** White space and comments; then quoted names and texts, in which a quote is doubled; words; numbers; and all else by the character. */
const TOKEN =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|"(?<name>(?:[^"]|"")*)"|'(?<text>(?:[^']|'')*)'|(?<word>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<symbol>[^"'`])/gy;

/** The tokens of a PartiQL statement; undefined where a quote or a comment does not end, or it holds an Ion literal. */
export function tokensOf(statement: string): Token[] | undefined {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of statement.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    if (match[0] === "/" && statement[end] === "*") return undefined;
    const { blank, name, text, word, number, symbol } = match.groups ?? {};
    if (blank !== undefined) continue;
    if (name !== undefined) tokens.push({ kind: "name", value: name.replaceAll('""', '"') });
    else if (text !== undefined) tokens.push({ kind: "text", value: text.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ kind: "word", value: word });
    else if (number !== undefined) tokens.push({ kind: "number", value: number });
    else tokens.push({ kind: "symbol", value: symbol ?? "" });
  }
  return end === statement.length ? tokens : undefined;
}

/** Whether a token is one of these keywords, which are written in either case and never quoted. */
export function isKeyword(token: Token | undefined, ...keywords: readonly string[]): boolean {
  return token?.kind === "word" && keywords.includes(token.value.toUpperCase());
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && token.value === symbol;
}
