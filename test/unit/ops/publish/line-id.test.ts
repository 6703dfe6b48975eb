import { expect, it } from "vitest";
import { lineId } from "#lib/ops/publish/line-id.ts";

it("is the same for a line of a file that is published again, and another for each other line, text or file", () => {
  const line = { number: 7, text: "{}" };

  expect(lineId("a/orders.ndjson", line)).toBe(lineId("orders.ndjson", line));
  expect(lineId("orders.ndjson", line)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  const others = [
    lineId("orders.ndjson", { ...line, number: 8 }),
    lineId("orders.ndjson", { ...line, text: "[]" }),
    lineId("more.ndjson", line),
  ];
  expect(new Set([lineId("orders.ndjson", line), ...others]).size).toBe(4);
});
