import { defineTopic } from "#lib/contracts/index.ts";

export const orders = defineTopic({
  name: "orders",
  description: "The life of an order, from placed to confirmed, rejected or cancelled.",
});
