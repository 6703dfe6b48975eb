import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Line, readLines } from "#lib/ops/read-lines.ts";

async function linesOf(bytes: Uint8Array, chunkSize = bytes.length, longest = 1_000): Promise<Line[]> {
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += chunkSize) yield bytes.subarray(start, start + chunkSize);
  }
  const lines: Line[] = [];
  for await (const line of readLines(chunks(), longest)) lines.push(line);
  return lines;
}

describe("lines", () => {
  it("are the same wherever the chunks are cut, amid a character too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.integer({ min: 1, max: 9 }), async (texts, chunkSize) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\r\n`).join(""));

        expect((await linesOf(bytes, chunkSize)).map(({ text }) => text)).toEqual(texts);
      }),
    );
  });

  it("keep their numbers when empty ones are left out, and need no line feed at the end", async () => {
    expect(await linesOf(Buffer.from("\n\na\n  \r\nb"))).toEqual([
      { number: 3, text: "a" },
      { number: 5, text: "b" },
    ]);
  });

  it("do not end at a line separator, which JSON text may hold", async () => {
    expect(await linesOf(Buffer.from('"a\u2028b"\n'))).toEqual([{ number: 1, text: '"a\u2028b"' }]);
  });

  it("are given up when they are too long or no UTF-8, and the next is read", async () => {
    const bytes = Buffer.concat([Buffer.from(`${"x".repeat(60)}\n`), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from("good")]);

    expect(await linesOf(bytes, 7, 50)).toEqual([
      { number: 1, problem: "longer than 50 bytes" },
      { number: 2, problem: "not UTF-8" },
      { number: 3, text: "good" },
    ]);
  });
});
