import { type orderPlaced } from "#events";
import type { DataOf } from "#lib/contracts/event.ts";
import type { Invoice, InvoiceLine } from "./invoices.ts";

/** What the shop does with an invoice: it places an order, or refuses it with a reason. */
export type Decision = { readonly order: DataOf<typeof orderPlaced> } | { readonly refused: string; readonly invoice: Invoice };

/** Products have five digits and sometimes letters; every other code is postage, carriage, a fee or a correction. */
const PRODUCT = /^\d{5}[A-Z]*$/;

/**
 * Turns an invoice into an order, as a shop would; docs/decisions/dirty-orders.md says why.
 *
 * - A credit note refunds part of an earlier sale. That is a return, not a cancelled order: refused.
 * - Negative quantities, and invoices that are free of charge, correct the shop's stock: refused.
 * - An invoice without a product (bank charges) sells nothing: refused.
 * - Codes that are not products become charges. A single free line is a gift, taken from stock like any other.
 * - A sale without a customer is a guest's: an order like any other, but without anyone to e-mail.
 */
export function decide(invoice: Invoice): Decision {
  const refused = whyRefused(invoice);
  if (refused) return { refused, invoice };
  const { number, customerId, country, lines } = invoice;
  const products = lines.filter(isProduct);
  const charges = lines.filter((line) => !isProduct(line));
  return {
    order: {
      orderId: number,
      customer: { ...(customerId && { id: customerId, email: `customer-${customerId}@shop.example` }), country },
      currency: "GBP",
      lines: products.map(({ code, description, quantity, unitPrice }) => ({
        sku: code,
        description: description || code,
        quantity,
        unitPrice,
      })),
      charges: charges.map((charge) => ({ code: charge.code, description: charge.description, amount: totalOf([charge]) })),
      total: totalOf(lines),
    },
  };
}

function whyRefused({ number, lines }: Invoice): string | undefined {
  if (number.startsWith("C")) return "credit note: refunds part of an earlier sale; it is not an order and cancels none";
  if (lines.some(({ quantity }) => quantity <= 0))
    return "write-off: a negative quantity corrects the stock, nobody ordered it";
  if (!lines.some(isProduct)) return "no product: only fees and charges";
  if (totalOf(lines) === 0) return "nothing to pay: a correction of the stock, nobody ordered it";
  return undefined;
}

function isProduct({ code }: InvoiceLine): boolean {
  return PRODUCT.test(code);
}

function totalOf(lines: readonly InvoiceLine[]): number {
  return lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0);
}
