import type { Context } from "./context.ts";
import { compileGlob, type Glob, MANY, ONE } from "./glob.ts";

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

/** A key to be filled in. */
interface Variable {
  readonly key: string;
  readonly otherwise: string | undefined;
}

type Part = Variable | Glob[number];

/** `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`. IAM user guide, "Policy variables" */
const VARIABLE = /\$\{([^{},$']+|\s*\$\s*)(?:,\s*'([^']*)'\s*)?\}/g;

/** Prepares a pattern for many texts. */
export function compilePattern(pattern: string, rules: PatternRules = {}): Pattern {
  const { wildcards = true, variables = false, ignoreCase = false, whenUnknown = false, whenAbsent = false } = rules;
  if (wildcards && pattern === "*") return () => true;
  const special = (wildcards && /[*?]/.test(pattern)) || (variables && pattern.includes("${"));
  if (!special && !ignoreCase) return (text) => text === pattern;
  const inCase = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const parts = variables ? partsOf(pattern, wildcards) : globOf(pattern, wildcards);
  const matcher = (glob: Glob) => compileGlob(glob.map((piece) => (typeof piece === "string" ? inCase(piece) : piece)));
  const fixed = parts.filter((part) => typeof part !== "object");
  if (fixed.length === parts.length) {
    const matches = matcher(fixed);
    return (text) => matches(inCase(text));
  }
  return (text, context) => {
    const glob: Glob[number][] = [];
    for (const part of parts) {
      if (typeof part !== "object") {
        glob.push(part);
        continue;
      }
      const values = context(part.key);
      if (values === undefined) return whenUnknown;
      const value = values.length === 0 ? part.otherwise : values[1] === undefined ? values[0] : undefined;
      if (value === undefined) return whenAbsent;
      glob.push(value);
    }
    return matcher(glob)(inCase(text));
  };
}

/** The parts of a pattern between colons, the colons of its variables left alone. */
export function partsBetweenColons(pattern: string): string[] {
  const parts = [""];
  for (const piece of pattern.match(/\$\{[^}$]*\}|:|[^:$]+|\$/g) ?? []) {
    if (piece === ":") parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

/** Whether a pattern has a variable. */
export function hasVariable(pattern: string): boolean {
  return pattern.matchAll(VARIABLE).some(([, key = ""]) => !isEscape(key.trim()));
}

function partsOf(pattern: string, wildcards: boolean): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of pattern.matchAll(VARIABLE)) {
    parts.push(...globOf(pattern.slice(end, match.index), wildcards));
    const [whole, name = "", otherwise] = match;
    const key = name.trim();
    parts.push(isEscape(key) ? key : { key: key.toLowerCase(), otherwise });
    end = match.index + whole.length;
  }
  parts.push(...globOf(pattern.slice(end), wildcards));
  return parts;
}

function isEscape(key: string): boolean {
  return key === "*" || key === "?" || key === "$";
}

function globOf(text: string, wildcards: boolean): Glob {
  if (!wildcards) return [text];
  return (text.match(/[*?]|[^*?]+/g) ?? []).map((piece) => (piece === "*" ? MANY : piece === "?" ? ONE : piece));
}
