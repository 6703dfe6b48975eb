import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { type AnyEventDefinition, defineEvent, defineService, defineTopic, upcastFrom } from "#lib/contracts/index.ts";
import { catalogueOf } from "#lib/contracts/documents/catalogue.ts";
import { isOrdered } from "#lib/contracts/service.ts";

const topic = defineTopic({ name: "parcels", description: "Parcels." });
const sent = defineEvent({
  type: "parcel.sent.v1",
  topic,
  description: "Sent.",
  schema: v.object({ id: v.string() }),
  subject: ({ id }) => id,
  example: { id: "7" },
});

describe("names that AWS or a reader would stumble over are refused, with an example of a good one", () => {
  it.each(["Parcels", "my_parcels", "7parcels", "", "parcels ", "parcels\n", "-parcels"])("topic %j", (name) => {
    expect(() => defineTopic({ name, description: "" })).toThrow(/lower-case letters, digits and dashes, like orders/);
  });

  it.each(["Orders", "my orders", "../orders", "", "7", "orders\n"])("service %j", (name) => {
    expect(() => defineService(name, "", { consumes: [], publishes: [], owns: [] })).toThrow(/^service name/);
  });

  it.each([
    "parcel.sent.v0",
    "parcel.sent.v01",
    "Parcel.sent.v1",
    "parcel..v1",
    "parcel.sent.v1.5",
    "parcel sent.x.v1",
  ] as const)("event %j", (type) => {
    expect(() => defineEvent({ ...sent, type })).toThrow(/expected <thing>\.<what happened>\.v<version>/);
  });
});

it("an event named twice in one list of a service is refused by its type", () => {
  expect(() => defineService("orders", "", { consumes: [sent, sent], publishes: [], owns: [] })).toThrow(
    "service orders: consumes names parcel.sent.v1 twice",
  );
});

describe("what an event means does not depend on the order of a list", () => {
  const kept = upcastFrom(sent, (data) => data);
  const second = defineEvent({ ...sent, type: "parcel.sent.v2", upcasts: [kept] });

  it("two upcasts from one version are refused, also when one goes by a version between", () => {
    expect(() => defineEvent({ ...sent, type: "parcel.sent.v2", upcasts: [kept, kept] })).toThrow(
      'event type "parcel.sent.v2": it upcasts parcel.sent.v1 in two ways: expected one',
    );
    const upcasts = [upcastFrom(second, (data) => data), kept];
    expect(() => defineEvent({ ...sent, type: "parcel.sent.v3", upcasts })).toThrow(/upcasts parcel.sent.v1 in two ways/);
  });

  it("a service that consumes a version and a newer one that upcasts it is refused", () => {
    for (const consumes of [
      [sent, second],
      [second, sent],
    ]) {
      expect(() => defineService("desk", "", { consumes, publishes: [], owns: [] })).toThrow(
        "service desk: it consumes parcel.sent.v1 as such and upcast to a newer version: name the newest alone",
      );
    }
  });
});

it("two topics of one name are refused where they meet: in a service, and in the documents", () => {
  const twin = defineTopic({ ...topic, fifo: true });
  const lost = defineEvent({ ...sent, topic: twin, type: "parcel.lost.v1" });
  const refusal = 'topic "parcels": it is defined twice: expected one definition that its events share';
  expect(() => defineService("desk", "", { consumes: [sent], publishes: [lost], owns: [] })).toThrow(refusal);
  expect(() => catalogueOf([sent, lost], [])).toThrow(refusal);
});

it("a secret that is also a setting is refused: a setting's value is in the template", () => {
  const rest = { consumes: [], publishes: [], owns: [], settings: ["KEY"], secrets: ["KEY"] };
  expect(() => defineService("orders", "", rest)).toThrow("service orders: KEY is among its settings and its secrets");
});

describe("order", () => {
  const ordered = defineTopic({ name: "tracks", description: "Where parcels are.", fifo: true });
  const moved = defineEvent({ ...sent, topic: ordered, type: "parcel.moved.v1" });
  const consuming = (consumes: readonly AnyEventDefinition[], unordered = false) =>
    defineService("desk", "", { consumes, publishes: [], owns: [], unordered });

  it("is kept by a service that consumes from FIFO topics alone", () => {
    expect(isOrdered(consuming([moved]))).toBe(true);
    expect(isOrdered(consuming([sent]))).toBe(false);
    expect(isOrdered(consuming([]))).toBe(false);
  });

  it("is not kept by a service that wants none", () => {
    expect(isOrdered(consuming([moved], true))).toBe(false);
  });

  it("cannot be half kept: a service of FIFO and standard topics is refused, unless it wants none", () => {
    expect(() => consuming([sent, moved])).toThrow(/^service desk: it consumes from FIFO and standard topics/);
    expect(isOrdered(consuming([sent, moved], true))).toBe(false);
  });

  it("is not promised by a service that cannot keep it: one without a FIFO queue may not publish to a FIFO topic", () => {
    const publishing = (consumes: readonly AnyEventDefinition[], publishesUnordered = false) =>
      defineService("desk", "", { consumes, publishes: [moved], owns: [], publishesUnordered });

    expect(() => publishing([sent])).toThrow(
      /^service desk: it publishes parcel\.moved\.v1 to the FIFO topic tracks, but its own queue keeps no order/,
    );
    expect(publishing([sent], true).publishes).toEqual([moved]);
    expect(publishing([moved]).publishes).toEqual([moved]);
  });

  it("and fair shares are not had at once: an event of a FIFO topic with a tenant is refused", () => {
    expect(() => defineEvent({ ...sent, topic: ordered, tenant: ({ id }) => id })).toThrow(
      'event type "parcel.sent.v1": a tenant on the FIFO topic tracks: its groups are the subjects',
    );
    expect(defineEvent({ ...sent, tenant: ({ id }) => id }).tenant?.({ id: "7" })).toBe("7");
  });
});

it("good names of every kind are taken as they are", () => {
  expect(defineTopic({ name: "parcels-2", description: "" }).name).toBe("parcels-2");
  expect(defineService("orders", "", { consumes: [sent], publishes: [sent], owns: [] }).consumes).toEqual([sent]);
  expect(defineEvent({ ...sent, type: "parcel.label.printed.v12" }).type).toBe("parcel.label.printed.v12");
});

describe("a service's retries", () => {
  const retrying = (retries: Record<string, { tries?: number; ageHours?: number }>) =>
    defineService("desk", "", { consumes: [sent], publishes: [], owns: [], retries });

  it("are taken for types that it consumes", () => {
    expect(retrying({ "parcel.sent.v1": { tries: 5, ageHours: 2 } }).retries).toEqual({
      "parcel.sent.v1": { tries: 5, ageHours: 2 },
    });
    expect(() => retrying({ "parcel.lost.v1": { tries: 5 } })).toThrow(
      "service desk: retries names parcel.lost.v1, which it does not consume",
    );
  });

  it.each([
    [{ tries: 0 }, "tries is 0: expected a whole number from 1 to 100"],
    [{ tries: 2.5 }, "tries is 2.5: expected a whole number from 1 to 100"],
    [{ ageHours: 0 }, "ageHours is 0: expected more than 0, at most 96"],
    [{ ageHours: 97 }, "ageHours is 97: expected more than 0, at most 96"],
  ])("are refused out of their limits: %j", (policy, reason) => {
    expect(() => retrying({ "parcel.sent.v1": policy })).toThrow(`service desk: retries of parcel.sent.v1: ${reason}`);
  });
});
