import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";

/*
 * A regular expression that goes back takes the square of a text's length, or worse: a header of 16 KB or a body of 1 MB then holds up
 * everything. Each one in lib/ is run on texts made of its own pieces, in lengths of which the first shows exponential growth
 * and the last quadratic. Processor time decides, and only after a second look.
 */

const LIB = join(import.meta.dirname, "../../lib");
const ROOMS = ["laptop", "contracts", "ops", "runtime"];
const LITERAL =
  /(?<=(?:[=(,:!&|?[]|return|=>)\s*|^\s*)\/(?![*/])(?<source>(?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/\\\n[])+)\/(?<flags>[dgimsuvy]*)/gm;
const REPEATED = [
  " ",
  "a",
  "0",
  "-",
  ".",
  "/",
  "$",
  "{",
  "${",
  "${a",
  "<",
  '"',
  "'",
  ",",
  "=",
  "?",
  "#",
  "e",
  "\n",
  "\\",
  "*",
  "-a",
  ".a",
  "::",
];
const ENDINGS = ["!", "\n!", ""];

test.each([...expressions()])("%s takes no longer than its text (%s)", (literal) => {
  const { source = "", flags = "" } = /^\/(?<source>.*)\/(?<flags>\w*)$/s.exec(literal)?.groups ?? {};
  const expression = new RegExp(source, flags.replace("y", ""));
  const slow: string[] = [];
  const pieces = piecesOf(source);
  for (const beginning of ["", "a", ...pieces.slice(0, 4)]) {
    for (const repeated of new Set([...REPEATED, ...pieces])) {
      for (const ending of ENDINGS) {
        const textOf = (length: number) => beginning + repeated.repeat(Math.ceil(length / repeated.length)) + ending;
        if ([24, 100, 300, 900, 4_000].some((length) => isSlow(expression, textOf(length))))
          slow.push(JSON.stringify([beginning, repeated, ending]));
        if (slow.length > 0) break;
      }
    }
  }
  expect(slow).toEqual([]);
});

/** The literals of lib/ that repeat something, with the file that has each. */
function expressions(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(LIB, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || !ROOMS.includes(file.split(sep, 1)[0] ?? "")) continue;
    const code = readFileSync(join(LIB, file), "utf8")
      .replaceAll(/\/\*\*.*?\*\//gs, "")
      .replaceAll(/^\s*\/\/.*$/gm, "");
    for (const [literal] of code.matchAll(LITERAL)) if (/[+*]|\{\d+,/.test(literal)) found.set(literal, file);
  }
  return found;
}

/** Texts that an expression looks for, alone and with a character behind them. */
function piecesOf(source: string): string[] {
  const plain = source
    .replaceAll(/\\[wdsSDWbB]|\\[pP]\{\w+\}|\[(?:\\.|[^\]\\])*\]|\(\?(?:<\w+>|[:=!]|<[=!])/g, "\0")
    .replaceAll(/\\(.)/g, "$1");
  const texts = [...plain.matchAll(/[^\0()[\]*+?|^{}]+/g)].map(([text]) => text);
  return [
    ...new Set([
      ...texts,
      ...texts.flatMap((text) => ["a", "0", " ", "/"].map((more) => text + more)),
      plain.replaceAll(/[\0()[\]*+?|^{}]/g, ""),
    ]),
  ]
    .filter(Boolean)
    .slice(0, 24);
}

function isSlow(expression: RegExp, text: string): boolean {
  const limit = 4_000;
  return (
    microseconds(expression, text) > limit && microseconds(expression, text) > limit && microseconds(expression, text) > limit
  );
}

function microseconds(expression: RegExp, text: string): number {
  const before = process.threadCpuUsage();
  if (expression.global) text.match(expression);
  else expression.test(text);
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}
