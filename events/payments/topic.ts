import { defineTopic } from "#lib/contracts/index.ts";

export const payments = defineTopic({ name: "payments", description: "Money taken for orders and given back." });
