import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { orderId, quantity } from "../fields.ts";
import { inventory } from "./topic.ts";

export const stockReleased = defineEvent({
  type: "stock.released.v1",
  topic: inventory,
  description: "The stock reserved for the order is available again.",
  schema: v.object({ orderId, units: quantity }),
  subject: ({ orderId }) => orderId,
  example: { orderId: "1001", units: 12 },
});
