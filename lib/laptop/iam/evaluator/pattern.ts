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
  /** What a pattern says to every text where nothing is known of the value of its variable. @default false */
  readonly whenUnknown?: boolean;
  /** What it says where its variable has no value, or several. @default false */
  readonly whenAbsent?: boolean;
}

/** A key to be filled in, or text of a regular expression. */
type Part = { readonly key: string; readonly otherwise: string | undefined } | string;

/** `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`. IAM user guide, "Policy variables" */
const VARIABLE = /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g;

/** Prepares a pattern for many texts. */
export function compilePattern(pattern: string, rules: PatternRules = {}): Pattern {
  const { wildcards = true, variables = false, ignoreCase = false, whenUnknown = false, whenAbsent = false } = rules;
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
    let source = "";
    for (const part of parts) {
      if (typeof part === "string") {
        source += part;
        continue;
      }
      const values = context(part.key);
      if (values === undefined) return whenUnknown;
      const value = values.length === 0 ? part.otherwise : values[1] === undefined ? values[0] : undefined;
      if (value === undefined) return whenAbsent;
      source += RegExp.escape(value);
    }
    return regular(source).test(text);
  };
}

/** The parts of a pattern between colons, the colons of its variables left alone. */
export function partsBetweenColons(pattern: string): string[] {
  const parts = [""];
  for (const piece of pattern.match(/\$\{[^}]*\}|:|[^:$]+|\$/g) ?? []) {
    if (piece === ":") parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

/** Whether a pattern has a variable. */
export function hasVariable(pattern: string): boolean {
  return [...pattern.matchAll(VARIABLE)].some(([, key = ""]) => !/^[*?$]$/.test(key));
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
