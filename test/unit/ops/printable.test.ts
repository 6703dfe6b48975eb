import { describe, expect, it } from "vitest";
import { printable, printableJson } from "#lib/ops/printable.ts";

/** What steers a terminal or cannot be seen, each with what is shown. */
const HOSTILE = [
  ["\u001B[2J", "\\u001b[2J"],
  ["\u009B2J", "\\u009b2J"],
  ["\u0007", "\\u0007"],
  ["1001\u202E\u2066gnp.exe", "1001\\u202e\\u2066gnp.exe"],
  ["a\u200Bb\uFEFF", "a\\u200bb\\ufeff"],
  ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["\u{E0041}", "\\udb40\\udc41"],
  ["\uD800", "\\ud800"],
  ["\u3164", "\\u3164"],
] as const;

describe("text for a terminal", () => {
  it.each(HOSTILE)("escapes %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("keeps letters of every script, and makes one line of several", () => {
    expect(printable("Grüße, 你好, Привет 🎉\r\nnext\tcell")).toBe("Grüße, 你好, Привет 🎉 next cell");
  });
});

describe("JSON for a terminal", () => {
  it.each(HOSTILE)("escapes %j, and is the same value when it is parsed", (text, shown) => {
    const json = printableJson({ [text]: text });

    expect(json).toBe(`{"${shown}":"${shown}"}`);
    expect(JSON.parse(json)).toEqual({ [text]: text });
  });

  it("keeps the lines of an indented text", () => {
    expect(printableJson({ a: "\u009B" }, 2)).toBe('{\n  "a": "\\u009b"\n}');
  });
});
