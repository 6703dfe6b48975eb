import * as v from "valibot";
import { defineEntity, upcastFrom } from "#lib/contracts/index.ts";

/** How many pieces of one product are available. */
export const stock = defineEntity({
  name: "stock",
  schema: v.object({ sku: v.string(), available: v.number() }),
  id: ({ sku }) => sku,
});

const state = {
  orderId: v.string(),
  status: v.picklist(["reserving", "reserved", "undoing", "rejected", "releasing", "released"]),
  /** Steps whose pieces are reserved now. */
  steps: v.number(),
  /** Total of reserved pieces, once every step is done; 0 before. */
  units: v.number(),
  /** Why it is being undone. */
  shortages: v.optional(v.array(v.object({ sku: v.string(), wanted: v.number(), available: v.number() }))),
};

/** The pieces of a reservation, one entry per product. */
const lines = v.array(v.object({ sku: v.string(), quantity: v.number() }));

/** A reservation of the last release, whose lines are always {@link reservationLines}. */
const reservationV1 = { name: "reservation", schema: v.object(state) };

/**
 * What is reserved for one order, and how far that has got: an order with more products than fit in one transaction is
 * reserved and released in steps.
 *
 * - `reserving` → `reserved`: every step is done.
 * - `reserving` → `undoing` → `rejected`: a product was short, so the finished steps are undone.
 * - `reserving` or `reserved` → `releasing` → `released`: the order failed or was cancelled.
 */
export const reservation = defineEntity({
  name: "reservation",
  version: 2,
  /** Its pieces, if one step has reserved them all. */
  schema: v.object({ ...state, lines: v.optional(lines) }),
  upcasts: [upcastFrom(reservationV1, (data) => data)],
  id: ({ orderId }) => orderId,
});

/** The pieces of a reservation that takes several steps: written once, while each step writes the reservation. */
export const reservationLines = defineEntity({
  name: "reservation-lines",
  schema: v.object({ orderId: v.string(), lines }),
  id: ({ orderId }) => orderId,
});
