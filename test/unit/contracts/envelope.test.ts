import { describe, expect, it } from "vitest";
import { createEnvelope, InvalidEventError } from "#lib/contracts/index.ts";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { orderPlaced } from "#events";

const whole = createEnvelope(orderPlaced, orderPlaced.example, { source: "shop" });
const bodyWith = (changes: Record<string, unknown>) => JSON.stringify({ ...whole, ...changes });

describe("a body that is no event is refused with what is wrong", () => {
  it.each([
    ["", "the body is empty"],
    [" \n", "the body is empty"],
    ["{", "the body is not JSON"],
    ["null", "the body is not a JSON object"],
    ["[]", "the body is not a JSON object"],
    ['"text"', "the body is not a JSON object"],
    ["{}", 'the envelope\'s "specversion" is not "1.0"'],
    [bodyWith({ specversion: "0.3" }), 'the envelope\'s "specversion" is not "1.0"'],
    [bodyWith({ time: "yesterday" }), 'the envelope\'s "time" is not'],
    [bodyWith({ id: "x".repeat(257) }), 'the envelope\'s "id" is longer than 256 characters'],
    [bodyWith({ id: 7 }), 'the envelope\'s "id" is not a text'],
    [bodyWith({ correlationid: "" }), 'the envelope\'s "correlationid" is empty'],
    ...["1", "2026-11-20", "2026-11-20T09:30Z", "2026-11-20 09:30:00Z", "2026-11-20T09:30:00", "2026-13-20T09:30:00Z"].map(
      (time) => [bodyWith({ time }), 'the envelope\'s "time" is not an RFC 3339 time'],
    ),
    ...["id", "source", "type", "subject", "time", "data"].map((field) => [
      bodyWith({ [field]: undefined }),
      `the envelope's "${field}" is missing`,
    ]),
  ])("%.60s", (body, message) => {
    expect(() => parseEnvelope(body)).toThrow(InvalidEventError);
    expect(() => parseEnvelope(body)).toThrow(message);
  });
});

describe("what consumers would refuse is refused where it is published", () => {
  const { example } = orderPlaced;
  it.each([
    [{ id: "" }, '"id" is empty'],
    [{ id: "x".repeat(257) }, '"id" is longer than 256 characters'],
    [{ source: "" }, '"source" is empty'],
    [{ time: "yesterday" }, '"time" is not an RFC 3339 time'],
    [{ cause: { ...whole, correlationid: "" } }, '"correlationid" is empty'],
  ])("%j", (options, message) => {
    expect(() => createEnvelope(orderPlaced, example, { source: "shop", ...options })).toThrow(InvalidEventError);
    expect(() => createEnvelope(orderPlaced, example, { source: "shop", ...options })).toThrow(message);
  });

  it("an empty subject", () => {
    const nameless = { ...orderPlaced, subject: () => "" };
    expect(() => createEnvelope(nameless, example, { source: "shop" })).toThrow('the envelope\'s "subject" is empty');
  });
});

describe("a good body", () => {
  it.each(["2026-11-20T09:30:00Z", "2026-11-20t09:30:00.123456z", "2026-11-20T09:30:00-08:00"])(
    "of the time %s is taken",
    (time) => {
      expect(parseEnvelope(bodyWith({ time })).time).toBe(time);
    },
  );

  it("comes back as it was published", () => {
    expect(parseEnvelope(JSON.stringify(whole))).toEqual(whole);
  });

  it("of another publisher, with the fields that CloudEvents asks for alone, begins a story and a trace of its own", () => {
    const { specversion, id, source, type, subject, time, data } = whole;
    const event = parseEnvelope(JSON.stringify({ specversion, id, source, type, subject, time, data }));

    expect(event).toMatchObject({ correlationid: id, dataschema: "urn:fanfare:event:order.placed.v1" });
    expect(event.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(event).not.toHaveProperty("causationid");
  });

  it.each([undefined, "nonsense", 7])("with the trace %j begins one, the same for all who read it", (traceparent) => {
    const body = bodyWith({ traceparent });

    expect(parseEnvelope(body).traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(parseEnvelope(body).traceparent).toBe(parseEnvelope(body).traceparent);
    const another = bodyWith({ traceparent, id: "another", correlationid: "another" });
    expect(parseEnvelope(another).traceparent).not.toBe(parseEnvelope(body).traceparent);
  });

  it("with the longest id is taken", () => {
    expect(parseEnvelope(bodyWith({ id: "x".repeat(256) })).id).toHaveLength(256);
  });

  it("with a __proto__ key changes no prototype, its own least of all, and lends no field", () => {
    const { id: _, ...rest } = whole;
    const poisoned = `{"__proto__":{"id":"borrowed","polluted":true},${JSON.stringify(rest).slice(1)}`;

    expect(() => parseEnvelope(poisoned)).toThrow('"id" is missing');
    const event = parseEnvelope(`{"__proto__":{"polluted":true},${JSON.stringify(whole).slice(1)}`);
    expect(event).toEqual(whole);
    expect("polluted" in event).toBe(false);
    expect("polluted" in {}).toBe(false);
  });
});

describe("an event that follows from another", () => {
  it("carries the story's id, names its cause, and stays in the trace, in the span that its cause is handled in", () => {
    const next = createEnvelope(orderPlaced, orderPlaced.example, { source: "orders", cause: whole });

    expect(next).toMatchObject({ causationid: whole.id, correlationid: whole.correlationid });
    expect(next.traceparent).toBe(whole.traceparent);
  });

  it("of a broken trace begins a new one", () => {
    const cause = { ...whole, traceparent: "broken" };
    const next = createEnvelope(orderPlaced, orderPlaced.example, { source: "orders", cause });

    expect(next.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});
