import { defineTopic } from "#lib/contracts/index.ts";

export const orders = defineTopic({ name: "orders", description: "An order from the customer's click to its end." });
