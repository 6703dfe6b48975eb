import type { Context } from "./context.ts";

/** Whether a text of a call fits a pattern of a policy. */
export type Pattern = (text: string, context: Context) => boolean;

export interface PatternRules {
  /** `*` stands for any characters and `?` for one. @default true */
  readonly wildcards?: boolean;
  /** `${aws:PrincipalTag/team}` stands for that key's value: only in policies of version 2012-10-17. @default false */
  readonly variables?: boolean;
  /** @default false */
  readonly ignoreCase?: boolean;
}

/** A key to be filled in, or text of a regular expression. */
type Part = { readonly key: string; readonly otherwise: string | undefined } | string;

/** `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`. IAM user guide, "Policy variables" */
const VARIABLE = /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g;

/** Prepares a pattern for many texts. One whose variable has no value in a call fits nothing. */
export function compilePattern(pattern: string, rules: PatternRules = {}): Pattern {
  const { wildcards = true, variables = false, ignoreCase = false } = rules;
  if (wildcards && pattern === "*") return () => true;
  const special = (wildcards && /[*?]/.test(pattern)) || (variables && pattern.includes("${"));
  if (!special && !ignoreCase) return (text) => text === pattern;
  const parts = variables ? partsOf(pattern, wildcards) : [escaped(pattern, wildcards)];
  const regular = (source: string) => new RegExp(`^${source}$`, ignoreCase ? "is" : "s");
  if (parts.every((part) => typeof part === "string")) {
    const expression = regular(parts.join(""));
    return (text) => expression.test(text);
  }
  return (text, context) => {
    const source = filled(parts, context);
    return source !== undefined && regular(source).test(text);
  };
}

function partsOf(pattern: string, wildcards: boolean): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of pattern.matchAll(VARIABLE)) {
    parts.push(escaped(pattern.slice(end, match.index), wildcards));
    const [whole, key = "", otherwise] = match;
    parts.push(/^[*?$]$/.test(key) ? RegExp.escape(key) : { key: key.toLowerCase(), otherwise });
    end = match.index + whole.length;
  }
  parts.push(escaped(pattern.slice(end), wildcards));
  return parts;
}

function escaped(text: string, wildcards: boolean): string {
  if (!wildcards) return RegExp.escape(text);
  return text.replaceAll(/\*+|\?|[^*?]+/g, (piece) =>
    piece === "?" ? "." : piece.startsWith("*") ? ".*" : RegExp.escape(piece),
  );
}

function filled(parts: readonly Part[], context: Context): string | undefined {
  let source = "";
  for (const part of parts) {
    if (typeof part === "string") source += part;
    else {
      const value = context(part.key)?.[0] ?? part.otherwise;
      if (value === undefined) return undefined;
      source += RegExp.escape(value);
    }
  }
  return source;
}
