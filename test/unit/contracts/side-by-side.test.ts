import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { catalogueOf, publishers } from "#lib/contracts/documents/catalogue.ts";
import { createEnvelope, defineEvent, defineService, defineTopic, downcastTo } from "#lib/contracts/index.ts";
import { publishedVersions } from "#lib/runtime/publish/published-versions.ts";

const sales = defineTopic({ name: "sales", description: "What is sold." });
const common = { topic: sales, description: "Something was sold.", subject: ({ id }: { id: string }) => id };

const soldV1 = defineEvent({
  ...common,
  type: "item.sold.v1",
  schema: v.object({ id: v.string(), price: v.pipe(v.number(), v.integer()) }),
  example: { id: "1", price: 5 },
});
const soldV2 = defineEvent({
  ...common,
  type: "item.sold.v2",
  schema: v.object({ id: v.string(), pence: v.number() }),
  example: { id: "1", pence: 500 },
  downcasts: [downcastTo(soldV1, ({ id, pence }: { id: string; pence: number }) => ({ id, price: pence / 100 }))],
});
const soldV3 = defineEvent({
  ...common,
  type: "item.sold.v3",
  schema: v.object({ id: v.string(), pence: v.number(), channel: v.string() }),
  example: { id: "1", pence: 500, channel: "web" },
  downcasts: [downcastTo(soldV2, ({ id, pence }: { id: string; pence: number }) => ({ id, pence }))],
});

describe("an event that is published in several versions", () => {
  const envelope = createEnvelope(soldV3, { id: "7", pence: 900, channel: "shop" }, { source: "till" });
  const [newest, ...older] = publishedVersions(soldV3, envelope);

  test("is one event: all versions have its id, source, subject, time and trace", () => {
    const { type: _, dataschema: __, data: ___, ...fact } = envelope;
    expect(newest.envelope).toBe(envelope);
    for (const version of older) expect(version.envelope).toMatchObject(fact);
  });

  test("has in each version the data and the schema of that version", () => {
    expect(older.map(({ envelope: { type, dataschema, data } }) => ({ type, dataschema, data }))).toEqual([
      { type: "item.sold.v2", dataschema: "urn:fanfare:event:item.sold.v2", data: { id: "7", pence: 900 } },
      { type: "item.sold.v1", dataschema: "urn:fanfare:event:item.sold.v1", data: { id: "7", price: 9 } },
    ]);
  });

  test("names in each older version the next newer one", () => {
    expect([newest, ...older].map(({ newerVersion }) => newerVersion)).toEqual([undefined, "item.sold.v3", "item.sold.v2"]);
  });

  test("is not published at all where an older version would refuse the data", () => {
    const odd = createEnvelope(soldV2, { id: "7", pence: 950 }, { source: "till" });
    expect(() => publishedVersions(soldV2, odd)).toThrow(/^item\.sold\.v1, downcast from item\.sold\.v2: data\.price/);
  });

  test("is documented as published by the service in every version", () => {
    const till = defineService("till", "Sells.", { consumes: [], publishes: [soldV3], owns: [] });
    const documented = publishers(catalogueOf([soldV1, soldV2, soldV3], [till]));
    expect(documented.map(({ name, events }) => [name, events.map(({ type }) => type)])).toEqual([
      ["till", ["item.sold.v1", "item.sold.v2", "item.sold.v3"]],
    ]);
  });
});

describe("a downcast is refused", () => {
  const newer = { ...soldV2, downcasts: [] };
  test.each([
    ["to a newer version", { ...newer, downcasts: [downcastTo(soldV3, () => soldV3.example)] }, /it is not an older version/],
    [
      "that makes of the example what the older version refuses",
      { ...newer, downcasts: [downcastTo(soldV1, () => ({ id: "1", price: 0.5 }))] },
      /cannot downcast to item\.sold\.v1: item\.sold\.v1: data\.price/,
    ],
    [
      "that changes what the event is about",
      { ...newer, downcasts: [downcastTo(soldV1, () => ({ id: "2", price: 5 }))] },
      /the copy of the example has another subject/,
    ],
  ] as const)("%s", (_, definition, message) => {
    expect(() => defineEvent(definition)).toThrow(message);
  });
});

test("a service that publishes two versions one by one is refused: their ids would make two events of one", () => {
  expect(() => defineService("till", "Sells.", { consumes: [], publishes: [soldV1, soldV2], owns: [] })).toThrow(
    "service till: publishes names item.sold.v1 and item.sold.v2, two versions of one event: publish the newer one, with `downcasts` in its definition",
  );
});
