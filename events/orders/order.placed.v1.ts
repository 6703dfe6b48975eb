import * as v from "valibot";
import { defineEvent } from "#lib/contracts/index.ts";
import { amount, currency, email, orderId, quantity, sku, text } from "../fields.ts";
import { orders } from "./topic.ts";

const line = v.object({ sku, description: text, quantity, unitPrice: amount });

/** Postage, a fee or a discount: what is paid for but not taken from stock. A discount is negative. */
const charge = v.object({ code: text, description: text, amount: v.pipe(v.number(), v.safeInteger()) });

export const orderPlaced = defineEvent({
  type: "order.placed.v1",
  topic: orders,
  description: "A customer placed an order. Published by the shop; the total is what the customer agreed to pay.",
  schema: v.pipe(
    v.object({
      orderId,
      customer: v.object({ id: v.optional(text), email: v.optional(email), country: text }),
      currency,
      lines: v.pipe(v.array(line), v.minLength(1), v.maxLength(1_000)),
      charges: v.pipe(v.array(charge), v.maxLength(100)),
      total: amount,
    }),
    v.check(({ lines, charges, total }) => total === sum(lines, charges), "total is not the sum of lines and charges"),
  ),
  subject: ({ orderId }) => orderId,
  example: {
    orderId: "1001",
    customer: { id: "17850", email: "customer-17850@shop.example", country: "United Kingdom" },
    currency: "GBP",
    lines: [
      { sku: "85123A", description: "White hanging heart t-light holder", quantity: 6, unitPrice: 255 },
      { sku: "71053", description: "White metal lantern", quantity: 6, unitPrice: 339 },
    ],
    charges: [{ code: "POST", description: "Postage", amount: 1_800 }],
    total: 5_364,
  },
});

function sum(lines: readonly v.InferOutput<typeof line>[], charges: readonly v.InferOutput<typeof charge>[]): number {
  return (
    lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0) +
    charges.reduce((total, { amount }) => total + amount, 0)
  );
}
