import { expect, test } from "vitest";
import { createEnvelope } from "#lib/contracts/index.ts";
import { pack, unpack } from "#lib/runtime/inbox/packed-events.ts";
import { toolMade } from "../workshop.ts";

const events = [{ topic: "news", type: "tool.made.v1", body: '{"specversion":"1.0","id":"1","data":{"name":"saw, größer"}}' }];

test("packed events are read as they were", () => {
  expect(unpack(pack(events))).toEqual(events);
});

test("events that lie in tables, packed by an earlier release, are still read", () => {
  expect(unpack("i0YEVl5qeTEiwEry83P0chNTUvXKDEkJPEMUO2KU8hKhgVKcWK6jkF50eNvh+alFMUpg2wE=")).toEqual(events);
});

test("a packed event takes about half the room", () => {
  const body = JSON.stringify(createEnvelope(toolMade, { name: "saw", pieces: 1 }, { source: "workshop" }));
  const event = { topic: "news", type: "tool.made.v1", body };
  expect(pack([event]).length).toBeLessThan(0.6 * JSON.stringify([event]).length);
});

test("what was not packed is refused", () => {
  expect(() => unpack("a text")).toThrow(/invalid|incorrect|unexpected/);
});
