import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { orderId, quantity, sku } from "../fields.ts";
import { inventory } from "./topic.ts";

export const stockRejected = defineEvent({
  type: "stock.rejected.v1",
  topic: inventory,
  description: "At least one line of the order could not be reserved, so none is.",
  schema: v.object({
    orderId,
    /** The first lines that were short, at most twenty. */
    shortages: v.pipe(
      v.array(v.object({ sku, wanted: quantity, available: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) })),
      v.minLength(1),
      v.maxLength(20),
    ),
  }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", shortages: [{ sku: "71053", wanted: 6, available: 2 }] },
});
