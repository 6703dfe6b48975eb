import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { defineEvent, defineService, defineTopic, upcastFrom } from "#lib/contracts/index.ts";
import { readAs, understoodTypes } from "#lib/contracts/versions.ts";
import { parseEvent } from "#lib/runtime/record/read-event.ts";

const shop = defineTopic({ name: "shop", description: "A shop." });
const common = { topic: shop, description: "Something was sold.", subject: ({ id }: { id: string }) => id };

const soldV1 = defineEvent({
  ...common,
  type: "item.sold.v1",
  schema: v.object({ id: v.string(), price: v.number() }),
  example: { id: "1", price: 5 },
});
const soldV2 = defineEvent({
  ...common,
  type: "item.sold.v2",
  schema: v.object({ id: v.string(), pence: v.pipe(v.number(), v.minValue(0)) }),
  example: { id: "1", pence: 500 },
  upcasts: [upcastFrom(soldV1, ({ id, price }) => ({ id, pence: price * 100 }))],
});
const soldV3 = defineEvent({
  ...common,
  type: "item.sold.v3",
  schema: v.object({ id: v.string(), pence: v.number(), channel: v.string() }),
  example: { id: "1", pence: 500, channel: "web" },
  upcasts: [upcastFrom(soldV2, (data) => ({ ...data, channel: "unknown" }))],
});
const service = defineService("till", "Counts.", { consumes: [soldV3], publishes: [], owns: [] });

const envelope = (type: string, data: unknown) =>
  JSON.stringify({ specversion: "1.0", id: "e1", source: "test", type, subject: "1", time: "2026-11-20T00:00:00Z", data });

describe("a consumer of a newer version", () => {
  test("understands every version that can be brought up to it", () => {
    expect(understoodTypes(soldV3)).toEqual(["item.sold.v3", "item.sold.v2", "item.sold.v1"]);
  });

  test("is handed the newer version of an event that was published in an older one", () => {
    const event = parseEvent(service, envelope("item.sold.v1", { id: "1", price: 5 }));
    expect(event).toMatchObject({
      type: "item.sold.v3",
      dataschema: "urn:fanfare:event:item.sold.v3",
      data: { id: "1", pence: 500, channel: "unknown" },
    });
  });

  test("refuses an old event that breaks the contract it was published under", () => {
    expect(() => parseEvent(service, envelope("item.sold.v1", { id: "1", price: "5" }))).toThrow(/item\.sold\.v1: data\.price/);
  });

  test("refuses an old event that the upcast cannot make a valid one of, and says where it came from", () => {
    expect(() => readAs(soldV2, "item.sold.v1", { id: "1", price: -5 })).toThrow(
      /item\.sold\.v2, upcast from item\.sold\.v1: data\.pence/,
    );
  });

  test("refuses a version that is newer still", () => {
    expect(() => parseEvent(service, envelope("item.sold.v4", {}))).toThrow(/knows item\.sold\.v3, but not item\.sold\.v4/);
  });
});

describe("an upcast is refused", () => {
  const older = { ...soldV2, upcasts: [] };
  test.each([
    [
      "from a newer version",
      { ...older, type: "item.sold.v1", upcasts: [upcastFrom(soldV2, (data) => data)] },
      /not an older version/,
    ],
    [
      "from another event",
      { ...older, type: "item.lent.v2", upcasts: [upcastFrom(soldV1, () => soldV2.example)] },
      /another event/,
    ],
    [
      "from another topic",
      {
        ...older,
        topic: defineTopic({ name: "elsewhere", description: "Another." }),
        upcasts: [upcastFrom(soldV1, () => soldV2.example)],
      },
      /belongs to the topic shop/,
    ],
  ] as const)("%s", (_, definition, message) => {
    expect(() => defineEvent(definition)).toThrow(message);
  });
});
