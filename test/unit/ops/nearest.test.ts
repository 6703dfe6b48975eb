import { describe, expect, it } from "vitest";
import { nearest } from "#lib/ops/nearest.ts";

const types = ["order.placed.v1", "order.confirmed.v1", "payment.captured.v1"];

describe("the nearest names", () => {
  it.each(["order.placd.v1", "order.palced.v1", "order.placed", "placed", "Order.Placed.V1"])(
    "of %s begin with order.placed.v1",
    (word) => {
      expect(nearest(word, types)[0]).toBe("order.placed.v1");
    },
  );

  it("are none when nothing looks like the word", () => {
    expect(nearest("shipment", types)).toEqual([]);
    expect(nearest("x", ["v", "h"])).toEqual([]);
  });

  it("are at most as many as asked for", () => {
    expect(nearest("order", ["order.a", "order.b", "order.c"], 2)).toEqual(["order.a", "order.b"]);
  });
});
