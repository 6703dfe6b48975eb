import { expect, it } from "vitest";
import { lineId } from "#lib/ops/publish/line-id.ts";

it("is the same for a line of a file that is published again, and another for each other line, text or file", () => {
  const line = { number: 7, text: "{}" };

  expect(lineId("order.placed.v1", "a/orders.ndjson", line)).toBe(lineId("order.placed.v1", "orders.ndjson", line));
  expect(lineId("order.placed.v1", "orders.ndjson", line)).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const others = [
    lineId("order.placed.v1", "orders.ndjson", { ...line, number: 8 }),
    lineId("order.placed.v1", "orders.ndjson", { ...line, text: "[]" }),
    lineId("order.placed.v1", "more.ndjson", line),
    lineId("order.cancelled.v1", "orders.ndjson", line),
  ];
  expect(new Set([lineId("order.placed.v1", "orders.ndjson", line), ...others]).size).toBe(5);
});
