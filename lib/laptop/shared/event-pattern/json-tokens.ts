import { InvalidPattern } from "./invalid-pattern.ts";

/** A token of JSON; `name` is that of a member. */
export type TokenKind = "{" | "}" | "[" | "]" | "name" | "string" | "number" | "true" | "false" | "null" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the source; of names and strings, what they say. */
  readonly text: string;
  /** Where it begins and ends in the source. */
  readonly start: number;
  readonly end: number;
}

const LITERALS = ["true", "false", "null"] as const;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const WORD = /[\w$]+/y;
const SPACE = /\s*/y;
/** How deep Jackson reads: its StreamReadConstraints. */
const DEEPEST = 1_000;
const EXPECTED_VALUE = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/**
 * Reads JSON token by token, and says where it stands as Jackson does, with which AWS reads patterns: its messages end in a line and a
 * column. Jackson reads a string's content only when somebody asks for it, and looks at a member's value as soon as it has the name.
 */
export class JsonTokens {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #index = -1;
  #isRead = false;

  /** @throws InvalidPattern for what is no JSON */
  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  get current(): Token {
    return this.#tokens[Math.max(this.#index, 0)] ?? END;
  }

  next(): TokenKind {
    this.#index++;
    this.#isRead = false;
    return (this.#tokens[this.#index] ?? END).kind;
  }

  /** What a string says. */
  readText(): string {
    this.#isRead = true;
    return this.current.text;
  }

  /** The value of the member whose name is current. */
  valueAhead(): unknown {
    let depth = 0;
    const first = this.#index + 1;
    for (let index = first; index < this.#tokens.length; index++) {
      const { kind, end } = this.#tokens[index] ?? END;
      if (kind === "{" || kind === "[") depth++;
      if (kind === "}" || kind === "]") depth--;
      if (depth > 0) continue;
      const value: unknown = JSON.parse(this.#source.slice(this.#tokens[first]?.start, end));
      return value;
    }
    return undefined;
  }

  /** A refusal that says what is wrong, and where. */
  refuse(reason: string): InvalidPattern {
    return new InvalidPattern(`${reason}${this.location}`);
  }

  /** `\n at [Source: (String)"{}"; line: 1, column: 2]` */
  get location(): string {
    const { current } = this;
    if (current.kind === "name") return this.#describe(this.#tokens[this.#index + 1] ?? current, false);
    return this.#describe(current, this.#isRead);
  }

  #describe({ kind, start, end }: Token, isRead: boolean): string {
    return locate(this.#source, kind === "string" && !isRead ? start + 1 : end);
  }
}

const END: Token = { kind: "end", text: "", start: 0, end: 0 };

function locate(source: string, offset: number): string {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - (before.lastIndexOf("\n") + 1) + 1;
  return `\n at [Source: (String)"${source}"; line: ${line}, column: ${column}]`;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  // JSON.parse decides whether it is JSON; what follows only has to find the tokens of one that is, and the first fault of others.
  const isJson = isValid(source);
  const open: string[] = [];
  let offset = 0;
  const fail = (reason: string, at: number) => new InvalidPattern(`${reason}${locate(source, at)}`);
  const skip = () => (offset = endOf(SPACE, source, offset) ?? offset);
  for (skip(); offset < source.length; skip()) {
    const start = offset;
    const character = source.charAt(start);
    const previous = tokens.at(-1);
    const wantsName = open.at(-1) === "{" && previous?.kind !== "name";
    if (character === "," || character === ":") {
      offset++;
    } else if (character === "{" || character === "[") {
      open.push(character);
      if (open.length > DEEPEST)
        throw fail(
          `Document nesting depth (${open.length}) exceeds the maximum allowed (${DEEPEST}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`,
          start,
        );
      offset++;
      tokens.push({ kind: character, text: character, start, end: offset });
    } else if (character === "}" || character === "]") {
      open.pop();
      offset++;
      tokens.push({ kind: character, text: character, start, end: offset });
    } else if (character === '"') {
      offset = endOf(STRING, source, start) ?? source.length;
      const kind = wantsName ? "name" : "string";
      tokens.push({ kind, text: textOf(source.slice(start, offset)), start, end: offset });
    } else if (wantsName) {
      const code = `'${character}' (code ${character.charCodeAt(0)})`;
      throw fail(`Unexpected character (${code}): was expecting double-quote to start field name`, start);
    } else {
      const literal = LITERALS.find((it) => source.startsWith(it, start));
      const end = literal === undefined ? endOf(NUMBER, source, start) : start + literal.length;
      if (end === undefined || (!isJson && /[\w$]/.test(source.charAt(end)))) {
        const wordEnd = endOf(WORD, source, start) ?? start + 1;
        throw fail(`Unrecognized token '${source.slice(start, wordEnd)}': ${EXPECTED_VALUE}`, wordEnd);
      }
      offset = end;
      tokens.push({ kind: literal ?? "number", text: source.slice(start, end), start, end });
    }
  }
  if (!isJson) throw fail("Unexpected end-of-input", source.length);
  return tokens;
}

function isValid(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

function endOf(pattern: RegExp, source: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(source) ? pattern.lastIndex : undefined;
}

function textOf(quoted: string): string {
  try {
    const text: unknown = JSON.parse(quoted);
    return String(text);
  } catch {
    return quoted;
  }
}
