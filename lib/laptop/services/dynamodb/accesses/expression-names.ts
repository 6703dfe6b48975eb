import { isRecord } from "../../../shared/json.ts";

/** Words of DynamoDB's expressions that are not names of attributes. */
const KEYWORDS = new Set(["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"]);

const TOKEN = /(:\w+)|(#[\w.-]+|[A-Za-z_]\w*)|[^\s]/g;

/** One token of an expression: a placeholder of a value, the name of an attribute at the top of a path, or a symbol. */
interface ExpressionToken {
  readonly kind: "value" | "name" | "other";
  readonly text: string;
}

/** The tokens of an expression, with names as ExpressionAttributeNames has them. */
export function expressionTokens(expression: string, names: unknown): ExpressionToken[] {
  const matches = [...expression.matchAll(TOKEN)];
  return matches.map(([text, value, name], index) => {
    if (value !== undefined) return { kind: "value", text };
    const isName =
      name !== undefined &&
      matches[index - 1]?.[0] !== "." &&
      // A function, or a keyword before a parenthesis.
      (name.startsWith("#") || (matches[index + 1]?.[0] !== "(" && !KEYWORDS.has(name.toUpperCase())));
    if (!isName) return { kind: "other", text };
    const meant = isRecord(names) ? names[name] : undefined;
    return { kind: "name", text: name.startsWith("#") && typeof meant === "string" ? meant : name };
  });
}

/** Names of the attributes at the top of an expression's paths. */
export function namesIn(expression: unknown, names: unknown): string[] {
  if (typeof expression !== "string") return [];
  return expressionTokens(expression, names).flatMap(({ kind, text }) => (kind === "name" ? [text] : []));
}
