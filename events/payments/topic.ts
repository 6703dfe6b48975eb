import { defineTopic } from "#lib/contracts/index.ts";

export const payments = defineTopic({ name: "payments", description: "Payments for orders, and refunds." });
