import { defineTopic } from "#lib/contracts/index.ts";

export const inventory = defineTopic({ name: "inventory", description: "What the stock room holds for orders." });
