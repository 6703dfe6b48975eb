import { defineTopic } from "#lib/contracts/index.ts";

export const inventory = defineTopic({ name: "inventory", description: "Stock reserved for orders." });
