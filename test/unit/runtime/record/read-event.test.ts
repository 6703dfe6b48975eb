import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { type Envelope, extensionsOf, InvalidEventError } from "#lib/contracts/index.ts";
import { parseEvent } from "#lib/runtime/record/read-event.ts";
import { service, wanted } from "../workshop.ts";

/** Bodies of all kinds: any text, any JSON, and events with any of their fields replaced. */
const bodies = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc
    .dictionary(fc.constantFrom(...Object.keys(wanted("hammer"))), fc.jsonValue(), { noNullPrototype: false })
    .map((changes) => JSON.stringify({ ...wanted("hammer"), ...changes })),
);

/** What became of a body: an event, or one line on why it is none. Any other error goes on. */
function outcomeOf(parse: (body: string) => Envelope, body: string): object {
  try {
    const { specversion, id, type } = parse(body);
    return { specversion, id, type };
  } catch (error) {
    if (error instanceof InvalidEventError) return { refused: error.message };
    throw error;
  }
}

test("whatever lies in a queue is an event of the service, or refused with one line on why", () => {
  const event = { specversion: "1.0", id: expect.any(String), type: expect.any(String) };
  const refusal = { refused: expect.stringMatching(/^.+$/) };
  fc.assert(
    fc.property(bodies, (body) => {
      for (const parse of [parseEnvelope, (text: string) => parseEvent(service, text)]) {
        const outcome = outcomeOf(parse, body);
        expect(outcome).toEqual("refused" in outcome ? refusal : event);
      }
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["a character beyond the first plane, spelled as two escapes", String.raw`\ud83d\ude00`, "😀"],
  ["a backslash before what would be an escape", String.raw`\\ud83d`, String.raw`\ud83d`],
  ["a character of the first plane, spelled as an escape", String.raw`\u00e9`, "é"],
])("%s is text like any other", (_, spelled, name) => {
  const body = JSON.stringify(wanted("SPELLED")).replaceAll("SPELLED", spelled);
  expect(parseEvent(service, body)).toMatchObject({ subject: name, data: { name } });
});

test.each([String.raw`\ud83d`, String.raw`\uDE00\uD83D`, String.raw`\ud83d\\ude00`])(
  "half a character, as in %s, is refused, and its field is named",
  (spelled) => {
    const body = JSON.stringify(wanted("hammer")).replace('"name":"hammer"', `"name":"${spelled}"`);
    expect(() => parseEvent(service, body)).toThrow(new InvalidEventError('"name" has half a surrogate pair'));
  },
);

test("an event that is nested deeper than any program can follow is refused, whatever else is right about it", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const body = JSON.stringify(wanted("hammer")).replace('"name":"hammer"', `"name":"hammer","junk":${deep}`);
  expect(() => parseEvent(service, body)).toThrow(InvalidEventError);
});

test("a handler finds the extension attributes that the event came with", () => {
  const event = parseEvent(service, JSON.stringify({ ...wanted("hammer"), partitionkey: "7" }));
  expect(extensionsOf(event)).toEqual({ partitionkey: "7" });
});
