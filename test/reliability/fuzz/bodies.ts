import * as fc from "fast-check";
import { orderCancelled, orderPlaced } from "#events";
import { createEnvelope, type DataOf, type Envelope } from "#lib/contracts/index.ts";
import type { AnyEventDefinition } from "#lib/contracts/event.ts";

/** Part of every text of a generated event that belongs in no log. */
export const SECRET = "tell-nobody";

/** Where an event can be spoilt. */
const PLACES: readonly (readonly (string | number)[])[] = [
  ...["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "traceparent"].map((name) => [
    name,
  ]),
  ...["correlationid", "causationid", "data", "extra", "__proto__", "constructor", "toJSON"].map((name) => [name]),
  ...["orderId", "customer", "currency", "lines", "charges", "total", "reason", "email", "extra"].map((name) => ["data", name]),
  ...["__proto__", "constructor", "hasOwnProperty", "then"].map((name) => ["data", name]),
  ...["id", "email", "country", "__proto__"].map((name) => ["data", "customer", name]),
  ...["sku", "description", "quantity", "unitPrice", "__proto__"].map((name) => ["data", "lines", 0, name]),
  ...["code", "description", "amount"].map((name) => ["data", "charges", 0, name]),
];

/** Members whose values the log names, so that an operator finds the event. */
const LOGGED = new Set<unknown>(["id", "type", "subject", "correlationid"]);

/** Levels: some that every call stack takes, and far more than any takes. */
const DEPTHS = [500, 20_000];

/** JSON of a value that stands where another is expected. */
const junk: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("null", "true", "[]", "{}", '""', "0", "-1", "-0", "0.1", "1e400", "-1e400", "9007199254740993", "1e-400"),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => JSON.stringify(SECRET + text)),
  fc.constantFrom("\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0000", "\\u2028", "\\ufffe").map((text) => `"${SECRET}${text}"`),
  fc.constantFrom(
    `["${SECRET}"]`,
    `{"${SECRET}":"${SECRET}"}`,
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    `{"toString":"${SECRET}"}`,
    '{"length":-1}',
    "[".repeat(50) + "]".repeat(50),
  ),
);

const spoils = fc.array(fc.tuple(fc.constantFrom(...PLACES), junk), { maxLength: 2 });

const nearlyValid = fc.record({ cancelled: fc.boolean(), id: fc.nat(), spoils }).map(({ cancelled, id, spoils }) => {
  const base = cancelled ? bases.cancelled : bases.placed;
  return spoilt({ ...base, id: `fuzz-${id}` }, spoils);
});

const placed = {
  ...orderPlaced.example,
  customer: { country: SECRET, email: `${SECRET}@shop.example` },
  lines: orderPlaced.example.lines.map((line) => ({ ...line, description: SECRET })),
};

/** Made once, so that a seed gives the same bodies again. */
const bases = {
  placed: envelopeOf(orderPlaced, placed),
  cancelled: envelopeOf(orderCancelled, { orderId: "1", reason: SECRET }),
};

function envelopeOf<Definition extends AnyEventDefinition>(definition: Definition, data: DataOf<Definition>): Envelope {
  const made = createEnvelope(definition, data, { source: SECRET, id: "fuzz", time: "2026-11-20T12:00:00.000Z" });
  return { ...made, traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
}

/** A body that a queue might hold: of any kind, most of them nearly an event. */
export const body: fc.Arbitrary<string> = fc.oneof(
  { weight: 140, arbitrary: nearlyValid },
  { weight: 20, arbitrary: fc.tuple(nearlyValid, fc.double({ min: 0, max: 1, noNaN: true })).map(truncated) },
  { weight: 20, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 20, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }).map(long) },
  { weight: 1, arbitrary: fc.constantFrom(...DEPTHS).map(deep) },
);

/** An event with other values in some places, as JSON; a place that it has not, or has no more, is passed over. */
function spoilt(envelope: object, spoils: readonly [readonly (string | number)[], string][]): string {
  const event: unknown = structuredClone(envelope);
  const texts = spoils.map(([place, value], index) => {
    const name = place.at(-1)!;
    const parent = place.slice(0, -1).reduce<unknown>((at, part) => (isObject(at) ? Reflect.get(at, part) : undefined), event);
    // Defined and not assigned, so that __proto__ is a member like any other.
    if (isObject(parent))
      Object.defineProperty(parent, name, { value: `@junk ${index}@`, enumerable: true, configurable: true, writable: true });
    return LOGGED.has(name) && place.length === 1 ? value.replaceAll(SECRET, "") : value;
  });
  // The values go in as text, so that the JSON may say what no object can hold.
  return texts.reduce((json, text, index) => json.replace(`"@junk ${index}@"`, () => text), JSON.stringify(event));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function truncated([json, share]: [string, number]): string {
  return json.slice(0, Math.floor(json.length * share));
}

/** An event with a text as long as that. */
function long(length: number): string {
  return JSON.stringify({ ...bases.cancelled, id: `long-${length}`, data: { orderId: "1", reason: "x".repeat(length) } });
}

/** An event with a member that the contract does not name, as deep as that. */
function deep(depth: number): string {
  return spoilt({ ...bases.placed, id: `deep-${depth}` }, [[["data", "extra"], "[".repeat(depth) + "]".repeat(depth)]]);
}
