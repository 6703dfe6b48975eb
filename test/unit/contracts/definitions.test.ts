import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { defineEvent, defineService, defineTopic } from "#lib/contracts/index.ts";

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

it("good names of every kind are taken as they are", () => {
  expect(defineTopic({ name: "parcels-2", description: "" }).name).toBe("parcels-2");
  expect(defineService("orders", "", { consumes: [sent], publishes: [sent], owns: [] }).consumes).toEqual([sent]);
  expect(defineEvent({ ...sent, type: "parcel.label.printed.v12" }).type).toBe("parcel.label.printed.v12");
});
