import { takeStock } from "../../bin/demo/stock-take.ts";
import inventory from "../../functions/inventory/service.ts";
import { stock } from "../../functions/inventory/stock.ts";
import type { DeployedApp } from "../support/target/deployed-app.ts";

/** Puts so many pieces of each product on the shelves. Returns the products' codes, which are the test file's own. */
export async function fillShelves(app: DeployedApp, pieces: number, ...names: string[]): Promise<string[]> {
  const skus = names.map((name) => app.id(name));
  await takeStock(app.clients.dynamodb, app.name(inventory), skus, pieces);
  return skus;
}

/** Pieces left of each product. */
export function left(app: DeployedApp, skus: readonly string[]): Promise<(number | undefined)[]> {
  return Promise.all(skus.map(async (sku) => (await app.item(inventory, stock, sku))?.available));
}
