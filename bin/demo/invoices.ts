import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import * as v from "valibot";

const row = v.object({
  InvoiceNo: v.string(),
  StockCode: v.string(),
  Description: v.string(),
  Quantity: v.pipe(v.string(), v.transform(Number), v.safeInteger()),
  /** Pounds with at most two decimals, turned into pence. */
  UnitPrice: v.pipe(v.string(), v.transform(pence), v.safeInteger()),
  CustomerID: v.string(),
  Country: v.string(),
});

/** One line of an invoice, as recorded by the shop's till. */
export interface InvoiceLine {
  readonly code: string;
  readonly description: string;
  /** Negative on credit notes and write-offs. */
  readonly quantity: number;
  /** In pence. */
  readonly unitPrice: number;
}

/** One invoice; the number of a credit note starts with C. */
export interface Invoice {
  readonly number: string;
  /** Absent if the customer was not recorded. */
  readonly customerId?: string;
  readonly country: string;
  readonly lines: readonly InvoiceLine[];
}

/**
 * Reads the invoices of an Online Retail file, in the order of their first lines.
 *
 * @throws Error that names the first malformed line.
 */
export function readInvoices(file: string): Invoice[] {
  const records: unknown[] = parse(readFileSync(file), { columns: true });
  const invoices = new Map<string, { head: Omit<Invoice, "lines">; lines: InvoiceLine[] }>();
  records.forEach((record, index) => {
    const { success, output } = v.safeParse(row, record);
    if (!success) throw new Error(`${file}: line ${index + 2} is not a line of an invoice`);
    const number = output.InvoiceNo;
    const customerId = output.CustomerID.replace(/\.0$/, "");
    const invoice = invoices.get(number) ?? {
      head: { number, country: output.Country, ...(customerId && { customerId }) },
      lines: [],
    };
    invoice.lines.push({
      code: output.StockCode.toUpperCase(),
      description: output.Description.trim(),
      quantity: output.Quantity,
      unitPrice: output.UnitPrice,
    });
    invoices.set(number, invoice);
  });
  return [...invoices.values()].map(({ head, lines }) => ({ ...head, lines }));
}

function pence(pounds: string): number {
  return Math.round(Number(pounds) * 100);
}
