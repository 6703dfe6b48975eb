import { afterAll, beforeAll, expect, test } from "vitest";
import { wanted, Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

test("what a handler logs carries the event's ids, at the level that it chose", async () => {
  const event = wanted("spanner");
  const { log } = await workshop.deliver([event], (_event, unit) => {
    unit.log.debug("looked");
    unit.log.warn("hardly any left", { pieces: 1, event: "not mine to replace" });
  });
  const { id, type, subject, correlationid } = event;
  expect(log.slice(0, 2)).toEqual([
    { level: "debug", message: "looked", details: { event: { id, type, subject, correlationid } } },
    { level: "warn", message: "hardly any left", details: { pieces: 1, event: { id, type, subject, correlationid } } },
  ]);
});
