import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** How many pieces of one product are free to be reserved. */
export const stock = defineEntity({
  name: "stock",
  schema: v.object({ sku: v.string(), available: v.number() }),
  id: ({ sku }) => sku,
});

/**
 * What is set aside for one order, and how far it has got: an order of more products than one transaction can hold is
 * reserved, and freed, in steps.
 *
 * - `reserving` → `reserved`: every step is done.
 * - `reserving` → `undoing` → `rejected`: a product was short, so the steps done are taken back.
 * - `reserving` or `reserved` → `releasing` → `released`: the order came to nothing.
 */
export const reservation = defineEntity({
  name: "reservation",
  schema: v.object({
    orderId: v.string(),
    status: v.picklist(["reserving", "reserved", "undoing", "rejected", "releasing", "released"]),
    /** Steps whose pieces are set aside now. */
    steps: v.number(),
    /** Pieces set aside in all, once every step is done; 0 before. */
    units: v.number(),
    /** Why it is being undone. */
    shortages: v.optional(v.array(v.object({ sku: v.string(), wanted: v.number(), available: v.number() }))),
  }),
  id: ({ orderId }) => orderId,
});

/** The pieces of a reservation, one entry a product, written once. */
export const reservationLines = defineEntity({
  name: "reservation-lines",
  schema: v.object({ orderId: v.string(), lines: v.array(v.object({ sku: v.string(), quantity: v.number() })) }),
  id: ({ orderId }) => orderId,
});
