import { describe, expect, test } from "vitest";
import { orderPlaced } from "#events";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { createEnvelope, extensionsOf } from "#lib/contracts/index.ts";

const wrap = (extensions = {}) => createEnvelope(orderPlaced, orderPlaced.example, { source: "shop", extensions });
const received = (attributes: object) => parseEnvelope(JSON.stringify({ ...wrap(), ...attributes }));

describe("an event's extension attributes", () => {
  test("go from the publisher to the consumer, each as it was", () => {
    const extensions = { partitionkey: "7", sampledrate: 30, dryrun: false, comexampleextension1: "" };
    const event = parseEnvelope(JSON.stringify(wrap(extensions)));
    expect(extensionsOf(event)).toEqual(extensions);
    expect(event).toMatchObject({ source: "shop", partitionkey: "7" });
  });

  test("are none for an event that has none", () => {
    expect(extensionsOf(wrap())).toEqual({});
  });

  test.each([
    ["a name with capitals", { partitionKey: "7" }],
    ["a name with a dash", { "partition-key": "7" }],
    ["an object", { partitionkey: { key: "7" } }],
    ["a list", { partitionkey: ["7"] }],
    ["null, which CloudEvents takes for absent", { partitionkey: null }],
    ["a fraction", { partitionkey: 0.5 }],
    ["a number beyond 32 bits", { partitionkey: 2 ** 31 }],
  ])("are not what CloudEvents takes for none: %s", (_, attributes) => {
    expect(extensionsOf(received(attributes))).toEqual({});
    expect(Object.keys(received(attributes))).not.toContain(Object.keys(attributes)[0]);
  });

  test.each([{ partitionKey: "7" }, { partitionkey: 0.5 }, { "": "x" }])("%j is refused at its publisher", (extensions) => {
    expect(() => wrap(extensions)).toThrow(/expected a name of lower-case letters and digits/);
  });

  test.each(["id", "data", "traceparent", "correlationid"])("cannot replace the envelope's own %s", (name) => {
    expect(() => wrap({ [name]: "x" })).toThrow(`the extension "${name}" is set by the envelope`);
  });

  test("do not pass to the events that follow; trace, story and cause do", () => {
    const cause = received({ partitionkey: "7", tracestate: "rojo=00f067aa0ba902b7" });
    const next = createEnvelope(orderPlaced, orderPlaced.example, { source: "orders", cause });
    expect(extensionsOf(next)).toEqual({});
    expect(next).toMatchObject({
      tracestate: "rojo=00f067aa0ba902b7",
      correlationid: cause.correlationid,
      causationid: cause.id,
    });
  });

  test("a tracestate without a valid traceparent belongs to no trace", () => {
    expect(received({ traceparent: "nonsense", tracestate: "rojo=1" })).not.toHaveProperty("tracestate");
  });
});
