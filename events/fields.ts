import * as v from "valibot";

/** The shop's id of an order. */
export const orderId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/, "expected 1 to 64 letters, digits and dashes"));

/** An amount of money in the currency's minor unit (pence), so that sums are exact. */
export const amount = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** ISO 4217. */
export const currency = v.picklist(["GBP", "EUR", "USD"]);

export const email = v.pipe(v.string(), v.email(), v.maxLength(254));

/** A short text for people to read. */
export const text = v.pipe(v.string(), v.minLength(1), v.maxLength(500));

/** The code of a product, as the shop keeps it. */
export const sku = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,64}$/, "expected 1 to 64 letters, digits, dots and dashes"));

/** A number of pieces. */
export const quantity = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
